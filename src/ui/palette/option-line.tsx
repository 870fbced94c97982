import type { SnippetPart } from '../../transport/views.ts';
import { words } from '../words/words.ts';
import { Keycaps } from './keycaps.tsx';
import type { Option } from './options.ts';

/** One line of the palette: a conversation, a place in one, or something to do. */
export function OptionLine({ option }: { option: Option }) {
  if (option.kind === 'match') {
    const { conversation, match } = option;
    return (
      <span className="palette-match">
        <span className="palette-title">{conversation.title}</span>
        <span className="palette-snippet">
          <span className="match-who">
            {match.role === 'user' ? words.palette.you : words.palette.claude}
          </span>{' '}
          <Parts parts={option.parts} />
        </span>
      </span>
    );
  }
  return (
    <>
      <span className="palette-title">
        <Parts parts={option.parts} />
      </span>
      {option.kind === 'conversation' && <Activity activity={option.conversation.activity} />}
      {option.kind === 'command' && option.offer.isCurrent && (
        <span className="palette-current">
          <span aria-hidden="true">✓</span>
          <span className="hidden">, {words.palette.current}</span>
        </span>
      )}
      {option.kind === 'command' && option.offer.shortcut && <Keycaps id={option.offer.shortcut} />}
    </>
  );
}

function Activity({ activity }: { activity: 'running' | 'asking' | null }) {
  if (activity === null) return null;
  return (
    <span className={`row-mark ${activity}`}>
      {activity === 'asking' && <span aria-hidden="true">!</span>}
      <span className="hidden">
        , {activity === 'running' ? words.palette.working : words.palette.asking}
      </span>
    </span>
  );
}

function Parts({ parts }: { parts: readonly SnippetPart[] }) {
  return parts.map(({ text, hit }, i) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text never move
    hit ? <mark key={i}>{text}</mark> : <span key={i}>{text}</span>,
  );
}
