/** What a conversation is called until somebody names it: the first line of its first prompt. */

/** UTF-16 units a title may have, whoever gives it. */
export const TITLE_MAX = 200;
const GIVEN_BY_PROMPT_MAX = 80;

/** @param images How many come with it: they name what has no words. */
export function titleOf(prompt: string, images = 0): string {
  if (images > 0 && prompt.trim() === '') return images === 1 ? 'An image' : `${images} images`;
  const line = prompt.split('\n').find((text) => text.trim() !== '') ?? '';
  const title = line
    .replace(/^[\s#>*-]+/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return shorten(title === '' ? prompt.trim() : title, GIVEN_BY_PROMPT_MAX);
}

/** Cuts at the end of a word, where there is one near. */
function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max).toWellFormed();
  const space = cut.lastIndexOf(' ');
  return `${space > max / 2 ? cut.slice(0, space) : cut}…`;
}
