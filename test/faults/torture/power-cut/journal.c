/*
 * Writes down what a process does to the files of one directory, in the order in which it does it, so that the
 * state after a power cut can be rebuilt: only what was synced is sure to be there.
 *
 * LD_PRELOAD this; POWER_CUT_DIRECTORY names the directory (flat: no folders in it), POWER_CUT_JOURNAL the
 * journal. One record is a header and `length` bytes; journal.ts reads them. Calls go on to libc as they are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 65536

enum kind { CREATE = 1, WRITE, TRUNCATE, SYNC, SYNC_DIRECTORY, RENAME, UNLINK, UNSEEN };

struct header {
  uint32_t kind;
  uint32_t length;  /* of what follows: the bytes written, or names */
  uint64_t inode;
  uint64_t offset;  /* of a write; the new size; for a sync, how far into the journal it reaches */
};

enum { UNTRACKED = 0, A_FILE, THE_DIRECTORY };

static struct { uint8_t what; uint8_t appends; uint64_t inode; } descriptors[DESCRIPTORS_MAX];
static char directory[PATH_MAX];
static size_t directory_length;
static int journal = -1;
/* Held over each call that alters a file, so that the journal has the order of what happened. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);

/* Looked up at the first call: other libraries may write before this one's constructor runs. */
#define REAL(name) \
  static __typeof__(name) *real; \
  if (real == NULL) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static void fail(const char *what) {
  dprintf(2, "power-cut journal: %s: %s\n", what, strerror(errno));
  _exit(97);
}

__attribute__((constructor)) static void start(void) {
  const char *watched = getenv("POWER_CUT_DIRECTORY");
  const char *path = getenv("POWER_CUT_JOURNAL");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  if (watched == NULL || path == NULL) return;
  if (realpath(watched, directory) == NULL) fail(watched);
  directory_length = strlen(directory);
  int (*open_journal)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
  journal = open_journal(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (journal < 0) fail(path);
}

static void record(enum kind kind, uint64_t inode, uint64_t offset, const void *bytes, size_t length) {
  struct header header = {kind, (uint32_t)length, inode, offset};
  struct iovec parts[2] = {{&header, sizeof header}, {(void *)bytes, length}};
  static ssize_t (*real)(int, const struct iovec *, int);
  if (real == NULL) real = dlsym(RTLD_NEXT, "writev");
  if (real(journal, parts, length == 0 ? 1 : 2) != (ssize_t)(sizeof header + length)) fail("cannot write");
}

/* SQLite's index of its log is memory in the shape of a file: never synced, and made anew after a crash. */
static int is_shared_memory(const char *name) {
  size_t length = strlen(name);
  return length > 4 && strcmp(name + length - 4, "-shm") == 0;
}

/* The name of a path inside the directory; NULL for paths elsewhere. */
static const char *name_in(const char *path) {
  char folder[PATH_MAX], resolved[PATH_MAX];
  if (journal < 0 || path == NULL || strlen(path) >= PATH_MAX) return NULL;
  strcpy(folder, path);
  char *slash = strrchr(folder, '/');
  const char *name = slash == NULL ? path : path + (slash - folder) + 1;
  if (slash != NULL) slash[slash == folder ? 1 : 0] = '\0';
  int saved = errno;
  char *found = realpath(slash == NULL ? "." : folder, resolved);
  errno = saved;
  return found != NULL && strcmp(resolved, directory) == 0 && !is_shared_memory(name) ? name : NULL;
}

static int is_tracked(int fd) {
  return journal >= 0 && fd >= 0 && fd < DESCRIPTORS_MAX && descriptors[fd].what == A_FILE;
}

static void opened(int fd, const char *path, int flags, int existed) {
  struct stat status;
  char resolved[PATH_MAX];
  if (journal < 0 || fd < 0) return;
  if (fd >= DESCRIPTORS_MAX) fail("too many descriptors");
  descriptors[fd].what = UNTRACKED;
  const char *name = name_in(path);
  int saved = errno;
  if (name != NULL && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
    descriptors[fd].what = A_FILE;
    descriptors[fd].appends = (flags & O_APPEND) != 0;
    descriptors[fd].inode = status.st_ino;
    if (!existed) record(CREATE, status.st_ino, 0, name, strlen(name));
    else if ((flags & O_TRUNC) != 0) record(TRUNCATE, status.st_ino, 0, NULL, 0);
  } else if (realpath(path, resolved) != NULL && strcmp(resolved, directory) == 0) {
    descriptors[fd].what = THE_DIRECTORY;
  }
  errno = saved;
}

static int exists(const char *path) {
  int saved = errno;
  int found = access(path, F_OK) == 0;
  errno = saved;
  return found;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    mode_t mode = 0; \
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) { \
      va_list rest; \
      va_start(rest, flags); \
      mode = va_arg(rest, mode_t); \
      va_end(rest); \
    } \
    if (name_in(path) == NULL) { \
      int elsewhere = real(path, flags, mode); \
      opened(elsewhere, path, flags, 1); \
      return elsewhere; \
    } \
    pthread_mutex_lock(&lock); \
    int existed = exists(path); \
    int fd = real(path, flags, mode); \
    opened(fd, path, flags, existed); \
    pthread_mutex_unlock(&lock); \
    return fd; \
  }

OPEN(open)
OPEN(open64)

FILE *fopen(const char *path, const char *mode) {
  REAL(fopen);
  pthread_mutex_lock(&lock);
  int existed = exists(path);
  FILE *file = real(path, mode);
  if (file != NULL && name_in(path) != NULL) {
    opened(fileno(file), path, mode[0] == 'w' ? O_TRUNC : mode[0] == 'a' ? O_APPEND : 0, existed);
  }
  pthread_mutex_unlock(&lock);
  return file;
}

FILE *fopen64(const char *path, const char *mode) {
  return fopen(path, mode);
}

/* What stdio writes goes past the symbols above: its buffers are emptied here, where they are seen. */
static void note_all(int fd) {
  static char bytes[1 << 16];
  struct stat status;
  if (fstat(fd, &status) != 0) return;
  record(TRUNCATE, descriptors[fd].inode, 0, NULL, 0);
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  REAL(open64);
  int copy = real(link, O_RDONLY | O_CLOEXEC);
  if (copy < 0) fail(link);
  off64_t offset = 0;
  for (ssize_t got; (got = pread64(copy, bytes, sizeof bytes, offset)) > 0; offset += got) {
    record(WRITE, descriptors[fd].inode, (uint64_t)offset, bytes, (size_t)got);
  }
  close(copy);
}

int fflush(FILE *file) {
  REAL(fflush);
  int fd = file == NULL ? -1 : fileno(file);
  if (!is_tracked(fd)) return real(file);
  pthread_mutex_lock(&lock);
  int result = real(file);
  note_all(fd);
  pthread_mutex_unlock(&lock);
  return result;
}

int fclose(FILE *file) {
  REAL(fclose);
  int fd = fileno(file);
  if (is_tracked(fd)) {
    fflush(file);
    descriptors[fd].what = UNTRACKED;
  }
  return real(file);
}

int close(int fd) {
  REAL(close);
  if (fd >= 0 && fd < DESCRIPTORS_MAX) descriptors[fd].what = UNTRACKED;
  return real(fd);
}

static uint64_t place(int fd) {
  return (uint64_t)lseek64(fd, 0, descriptors[fd].appends ? SEEK_END : SEEK_CUR);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  if (real_write == NULL) real_write = dlsym(RTLD_NEXT, "write");
  if (!is_tracked(fd)) return real_write(fd, bytes, length);
  pthread_mutex_lock(&lock);
  uint64_t offset = place(fd);
  ssize_t written = real_write(fd, bytes, length);
  if (written > 0) record(WRITE, descriptors[fd].inode, offset, bytes, (size_t)written);
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  if (real_pwrite == NULL) real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  if (!is_tracked(fd)) return real_pwrite(fd, bytes, length, offset);
  pthread_mutex_lock(&lock);
  ssize_t written = real_pwrite(fd, bytes, length, offset);
  if (written > 0) record(WRITE, descriptors[fd].inode, (uint64_t)offset, bytes, (size_t)written);
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return pwrite64(fd, bytes, length, offset);
}

static void record_parts(int fd, const struct iovec *parts, int count, uint64_t offset, ssize_t written) {
  for (int index = 0; index < count && written > 0; index++) {
    size_t length = parts[index].iov_len < (size_t)written ? parts[index].iov_len : (size_t)written;
    record(WRITE, descriptors[fd].inode, offset, parts[index].iov_base, length);
    offset += length;
    written -= (ssize_t)length;
  }
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(writev);
  if (!is_tracked(fd)) return real(fd, parts, count);
  pthread_mutex_lock(&lock);
  uint64_t offset = place(fd);
  ssize_t written = real(fd, parts, count);
  record_parts(fd, parts, count, offset, written);
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  REAL(pwritev64);
  if (!is_tracked(fd)) return real(fd, parts, count, offset);
  pthread_mutex_lock(&lock);
  ssize_t written = real(fd, parts, count, offset);
  record_parts(fd, parts, count, (uint64_t)offset, written);
  pthread_mutex_unlock(&lock);
  return written;
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  return pwritev64(fd, parts, count, offset);
}

int ftruncate64(int fd, off64_t size) {
  REAL(ftruncate64);
  if (!is_tracked(fd)) return real(fd, size);
  pthread_mutex_lock(&lock);
  int result = real(fd, size);
  if (result == 0) record(TRUNCATE, descriptors[fd].inode, (uint64_t)size, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

int ftruncate(int fd, off_t size) {
  return ftruncate64(fd, size);
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) {
  struct stat status;
  REAL(posix_fallocate64);
  if (!is_tracked(fd)) return real(fd, offset, length);
  pthread_mutex_lock(&lock);
  int result = real(fd, offset, length);
  if (result == 0 && fstat(fd, &status) == 0) {
    record(TRUNCATE, descriptors[fd].inode, (uint64_t)status.st_size, NULL, 0);
  }
  pthread_mutex_unlock(&lock);
  return result;
}

int posix_fallocate(int fd, off_t offset, off_t length) {
  return posix_fallocate64(fd, offset, length);
}

/* Reaches as far as the journal did when it began: what another thread writes meanwhile may miss it. */
static int synced(int fd, int (*real)(int)) {
  struct stat status;
  if (journal < 0 || fd < 0 || fd >= DESCRIPTORS_MAX || descriptors[fd].what == UNTRACKED) return real(fd);
  pthread_mutex_lock(&lock);
  if (fstat(journal, &status) != 0) fail("cannot be looked at");
  uint64_t reach = (uint64_t)status.st_size;
  pthread_mutex_unlock(&lock);
  int result = real(fd);
  if (result != 0) return result;
  pthread_mutex_lock(&lock);
  if (descriptors[fd].what == THE_DIRECTORY) record(SYNC_DIRECTORY, 0, reach, NULL, 0);
  else record(SYNC, descriptors[fd].inode, reach, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}

int fsync(int fd) {
  REAL(fsync);
  return synced(fd, real);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  return synced(fd, real);
}

int rename(const char *from, const char *to) {
  REAL(rename);
  const char *old_name = name_in(from);
  const char *new_name = name_in(to);
  if (old_name == NULL && new_name == NULL) return real(from, to);
  char names[2 * NAME_MAX + 2];
  pthread_mutex_lock(&lock);
  int result = real(from, to);
  if (result == 0 && (old_name == NULL || new_name == NULL)) record(UNSEEN, 0, 0, "rename", 6);
  if (result == 0 && old_name != NULL && new_name != NULL) {
    int length = snprintf(names, sizeof names, "%s%c%s", old_name, 0, new_name);
    record(RENAME, 0, 0, names, (size_t)length);
  }
  pthread_mutex_unlock(&lock);
  return result;
}

int unlink(const char *path) {
  REAL(unlink);
  const char *name = name_in(path);
  if (name == NULL) return real(path);
  pthread_mutex_lock(&lock);
  int result = real(path);
  if (result == 0) record(UNLINK, 0, 0, name, strlen(name));
  pthread_mutex_unlock(&lock);
  return result;
}

int remove(const char *path) {
  REAL(remove);
  return name_in(path) == NULL ? real(path) : unlink(path);
}

/* What is written into a file as memory is not seen. */
void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset) {
  REAL(mmap64);
  if (is_tracked(fd) && (protection & PROT_WRITE) != 0 && (flags & MAP_SHARED) != 0) {
    pthread_mutex_lock(&lock);
    record(UNSEEN, descriptors[fd].inode, 0, "mmap", 4);
    pthread_mutex_unlock(&lock);
  }
  return real(address, length, protection, flags, fd, offset);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
  return mmap64(address, length, protection, flags, fd, offset);
}
