/** Which language the reader wants, kept for this browser: of all its users, so that a sign-in needs none. */
import { type Keep, ownStorage } from '../chat/storage.ts';
import { type Language, speak, spoken } from './words.ts';

const KEY = 'greenroom:language';

/** What was chosen where the browser refuses storage: it lasts as long as the page. */
let unkept: Language | null = null;

/** Null: as the browser. */
export function chosenLanguage(storage: Pick<Keep, 'getItem'> | null = ownStorage()) {
  try {
    return spoken(storage?.getItem(KEY)) ?? unkept;
  } catch {
    return unkept;
  }
}

/** What the reader chose, or else the first of the browser's languages that the page speaks. */
export function preferredLanguage(
  chosen: Language | null = chosenLanguage(),
  browsers: readonly string[] = navigator.languages,
): Language {
  return chosen ?? browsers.map(spoken).find((known) => known !== null) ?? 'en';
}

/** Keeps a choice and takes it up, in all tabs. @param chosen Null: as the browser. */
export async function chooseLanguage(chosen: Language | null): Promise<void> {
  unkept = null;
  try {
    const storage = ownStorage();
    if (storage === null) unkept = chosen;
    else if (chosen === null) storage.removeItem(KEY);
    else storage.setItem(KEY, chosen);
  } catch {
    unkept = chosen;
  }
  await speak(preferredLanguage(chosen));
}

/** Speaks what the reader prefers, now and whenever that changes: in another tab, or in the browser's settings. */
export async function speakPreferred(): Promise<void> {
  addEventListener('storage', ({ key }) => {
    if (key === KEY || key === null) void speak(preferredLanguage());
  });
  addEventListener('languagechange', () => void speak(preferredLanguage()));
  await speak(preferredLanguage());
}
