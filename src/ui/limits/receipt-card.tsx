import type { Receipt } from '../../transport/protocol.ts';
import { useNow } from '../view/clock.ts';
import { words } from '../words/words.ts';
import { receiptWords } from './limit-words.ts';

/** Why an answer ends in the middle: what it used, what was left for it, and from when there is more. */
export function ReceiptCard({ receipt }: { receipt: Receipt }) {
  const now = useNow(60_000);
  return (
    <section className="card receipt" aria-label={words.limits.stoppedBy}>
      <p>
        <strong>{words.limits.stopped}</strong>
      </p>
      <p className="quiet">{receiptWords(receipt, now)}</p>
    </section>
  );
}
