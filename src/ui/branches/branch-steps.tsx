import { hashOf } from '../chat/route.ts';
import type { Siblings } from './branches.ts';

/** ‹ 2 / 3 ›: to the other ways it went on from here. */
export function BranchSteps({ siblings: { threads, at } }: { siblings: Siblings }) {
  const step = (by: number) => threads[at + by];
  return (
    <nav className="branch-steps" aria-label="Branches">
      <Step to={step(-1)} mark="‹" words="Previous branch" />
      <span>{`${at + 1} / ${threads.length}`}</span>
      <Step to={step(1)} mark="›" words="Next branch" />
    </nav>
  );
}

function Step({ to, mark, words }: { to: string | undefined; mark: string; words: string }) {
  return (
    <button
      type="button"
      className="branch-step"
      aria-label={words}
      disabled={to === undefined}
      onClick={() => {
        if (to !== undefined) location.hash = hashOf(to);
      }}
    >
      <span aria-hidden="true">{mark}</span>
    </button>
  );
}
