// Bounds of names and passwords, for those who ask for them and those who take them.

export const NAME_CHARACTERS_MAX = 64
export const PASSWORD_CHARACTERS_MIN = 10
export const PASSWORD_CHARACTERS_MAX = 512
