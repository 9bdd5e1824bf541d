// How high the rows of long lists are, which have to know it before they are drawn: as --row in tokens.css.

export const rowHeight = matchMedia('(pointer: coarse)').matches ? 44 : 28
