import { FAULTS, type FaultCode } from '../../faults.ts';
import type { ChatClient } from '../chat/client.ts';
import type { Run } from '../chat/thread.ts';
import { faultWords } from '../fault-words.ts';
import { words } from '../words/words.ts';
import CopyDiagnostics from './copy-diagnostics.tsx';

interface ErrorCardProps {
  error: NonNullable<Run['error']>;
  client: ChatClient;
}

/** Why an answer ended in the middle, what to do next, and the program's own words where it left any. */
export default function ErrorCard({ error, client }: ErrorCardProps) {
  const own = programWords(error);
  return (
    <section className="card error-card" aria-label={words.thread.error}>
      <p>{faultWords(error.code)}</p>
      {own !== '' && (
        <>
          <p className="quiet">{words.faults.inItsWords}</p>
          <blockquote className="program-words" dir="auto">
            {own}
          </blockquote>
        </>
      )}
      <p className="quiet">
        {words.thread.errorCode} <code>{error.code}</code>
      </p>
      <div className="error-actions">
        <CopyDiagnostics client={client} />
      </div>
    </section>
  );
}

/** What stands in the message behind the server's own sentence, which is said in the reader's language instead. */
function programWords({ code, message }: NonNullable<Run['error']>): string {
  const say = FAULTS[code as FaultCode]?.say;
  if (say === undefined) return message;
  return message.startsWith(say) ? message.slice(say.length).trim() : '';
}
