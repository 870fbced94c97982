import { locale } from '../words/locale.ts';
import { words } from '../words/words.ts';

const UNITS = ['KB', 'MB', 'GB', 'TB'];

/** `0 bytes`, `1.2 KB`, `34 MB`: a size for people, powers of 1024. */
export function sizeWords(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length, Math.floor(Math.log2(bytes) / 10));
  const size = bytes / 1024 ** power;
  const digits = power > 0 && size < 10 ? 1 : 0;
  const number = size.toLocaleString(locale(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const unit = UNITS[power - 1];
  return unit === undefined ? words.files.bytes(number) : `${number} ${unit}`;
}
