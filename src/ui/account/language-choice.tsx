import { useEffect, useId, useRef, useSyncExternalStore } from 'react';
import { chooseLanguage, chosenLanguage, preferredLanguage } from '../words/language-choice.ts';
import { LANGUAGES, type Language, onSpoken, language as spoken, words } from '../words/words.ts';

const CHOICES = [null, ...(Object.keys(LANGUAGES) as Language[])];

/** Whether the page is shown anew because of a choice made here. */
let hasChosen = false;

/** The page's language: the browser's, or one of those it speaks, each under its own name. */
export function LanguageChoice({ onChosen }: { onChosen: () => void }) {
  const said = words.account;
  const id = useId();
  const chosen = useSyncExternalStore(onSpoken, () => chosenLanguage());
  const choose = (language: Language | null) => {
    hasChosen = preferredLanguage(language) !== spoken;
    onChosen();
    void chooseLanguage(language);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a form's looks, and there is no form
    <div className="language" role="group" aria-labelledby={id}>
      <span id={id} className="language-label">
        {said.language}
      </span>
      <div className="language-choices">
        {CHOICES.map((language) => (
          <button
            key={language}
            type="button"
            lang={language ?? undefined}
            title={language === null ? said.automaticTitle : undefined}
            aria-pressed={language === chosen}
            onClick={() => choose(language)}
          >
            {language === null ? said.automatic : LANGUAGES[language]}
          </button>
        ))}
      </div>
    </div>
  );
}

/** Gives the focus back to the menu's button, which is another one once the page speaks another language. */
export function useFocusAfterChoice() {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The page has two such menus, and shows one.
    if (!hasChosen || !button.current?.checkVisibility()) return;
    hasChosen = false;
    button.current.focus();
  }, []);
  return button;
}
