const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** `0 bytes`, `1.2 KB`, `34 MB`: a size for people, powers of 1024. */
export function sizeWords(bytes: number): string {
  const unit = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const size = bytes / 1024 ** unit;
  return `${unit > 0 && size < 10 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
}
