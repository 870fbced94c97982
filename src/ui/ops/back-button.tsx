import { opsWords } from '../words/ops.ts';

export function BackButton({ onBack }: { onBack: () => void }) {
  const { back } = opsWords();
  return (
    <button
      type="button"
      className="button quiet-button"
      aria-label={back}
      title={back}
      onClick={onBack}
    >
      <span className="back-mark" aria-hidden="true">
        ←
      </span>
    </button>
  );
}
