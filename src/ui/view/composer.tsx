import { useSelector } from '@xstate/react';
import {
  type KeyboardEvent,
  lazy,
  type RefObject,
  Suspense,
  useEffect,
  useLayoutEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import type { ChatView } from '../chat/chat-view.ts';
import type { ChatClient } from '../chat/client.ts';
import { liveRun } from '../chat/thread.ts';
import { type DictationState, recognitionIn } from '../compose/dictation.ts';
import { isTouchOnly, sends } from '../compose/enter-key.ts';
import { isComposing } from '../compose/ime.ts';
import { useRecall } from '../compose/use-recall.ts';
import { LimitMeter } from '../limits/limit-meter.tsx';
import { patiently } from '../patiently.ts';
import { pressed } from '../shortcuts.ts';
import { words } from '../words/words.ts';
import { AttachButton } from './attach-button.tsx';
import { ContextMeter } from './context-meter.tsx';

const AttachmentStrip = lazy(patiently(() => import('../compose/attachment-strip.tsx')));
const CompletionList = lazy(patiently(() => import('../compose/completion-list.tsx')));
const DictationButton = lazy(patiently(() => import('../compose/dictation-button.tsx')));
const QuoteButton = lazy(patiently(() => import('../compose/quote-button.tsx')));
const ModelMenu = lazy(patiently(() => import('../compose/model-menu.tsx')));

interface ComposerProps {
  ref: RefObject<HTMLTextAreaElement | null>;
  client: ChatClient;
  view: ChatView;
  onSend: () => void;
}

/** Where a prompt is written. Enter sends, Shift+Enter breaks the line, Escape stops a live answer. */
export function Composer({ ref, client, view, onSend }: ComposerProps) {
  const { draft, attachments, store } = client;
  const { welcome, threadId } = view;
  const offers = welcome?.offers;
  const text = useSyncExternalStore(draft.subscribe, draft.text);
  const images = useSyncExternalStore(attachments.subscribe, attachments.view);
  const isRunning = liveRun(view.runs) !== null;
  const over = welcome ? byteLength(text) - welcome.maxPromptBytes : 0;
  const isSendable =
    threadId !== null &&
    over <= 0 &&
    attachments.isSettled &&
    (text.trim() !== '' || images.length > 0);
  const recallKey = useRecall(view.runs, draft);
  const [hearing, setHearing] = useState<DictationState>('off');
  const isTouch = isTouchOnly();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight}px`;
  }, [ref, text]);

  // Wherever the focus is, Escape stops; in a menu or dialog of the browser it never gets here. It is heard at all
  // times: an effect runs after the paint, so one that came with the run would miss a key pressed at its first sight.
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (pressed(event, 'stop') && !event.isComposing) client.stop();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [client]);

  // Sent before the server has said which conversation this is, or has its images: it goes as soon as it can.
  // Not what has changed since: the person typed on, or what they had left unsent came back.
  const isLive = useSelector(client.connection, (it) => it.matches({ attached: 'live' }));
  const isFailed = isLive && images.some(({ state }) => state === 'failed');
  const isWaiting = !attachments.isSettled && !isFailed;
  const mayWait = threadId !== null && over <= 0 && isWaiting;
  const [wanted, setWanted] = useState<string | null>(null);
  const send = () => {
    if (isSendable) onSend();
    else setWanted((threadId === null || isWaiting) && over <= 0 ? text : null);
  };
  useEffect(() => {
    if (wanted === null || (wanted === text && !isSendable && !isFailed)) return;
    setWanted(null);
    if (wanted === text && isSendable) onSend();
  });

  useEffect(() => {
    const onStorage = ({ key, newValue }: StorageEvent) => draft.heard(key, newValue);
    addEventListener('storage', onStorage);
    return () => removeEventListener('storage', onStorage);
  }, [draft]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event) || recallKey(event) || !sends(event, isTouch)) return;
    event.preventDefault();
    send();
  };
  const refused = (why: string) => store.notice(`image:${why}`, why);

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Suspense fallback={null}>
        {offers && (
          <AttachmentStrip
            attachments={attachments}
            offer={offers.images}
            box={ref}
            onRefused={refused}
          />
        )}
        {offers && (
          <CompletionList box={ref} draft={draft} commands={offers.commands} threadId={threadId} />
        )}
        {view.runs.length > 0 && <QuoteButton box={ref} draft={draft} />}
      </Suspense>
      <label className="hidden" htmlFor="composer-text">
        {words.compose.boxLabel}
      </label>
      <textarea
        id="composer-text"
        ref={ref}
        rows={1}
        value={text}
        placeholder={words.compose.placeholder}
        enterKeyHint={isTouch ? 'enter' : 'send'}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-describedby="composer-hint"
        aria-invalid={over > 0}
        onChange={({ target }) => draft.set(target.value)}
        onKeyDown={onKeyDown}
        onFocus={() => client.warm()}
      />
      <p className="composer-note" role="status">
        {note({ hearing, isKept: draft.isKept(), isWaiting, isLive, isWanted: wanted !== null })}
      </p>
      <div className="composer-row">
        {offers?.images && (
          <AttachButton attachments={attachments} offer={offers.images} onRefused={refused} />
        )}
        {recognitionIn(window) && (
          <Suspense fallback={null}>
            <DictationButton box={ref} draft={draft} onState={setHearing} />
          </Suspense>
        )}
        {offers && offers.models.length > 0 && (
          <Suspense fallback={null}>
            <ModelMenu
              client={client}
              models={offers.models}
              chosen={view.chosen}
              standard={welcome?.agent.model ?? null}
            />
          </Suspense>
        )}
        <ContextMeter context={view.context} />
        {welcome && <LimitMeter limits={welcome.limits} />}
        <p id="composer-hint" className={over > 0 ? 'hint over' : 'hint'}>
          {over > 0 && words.compose.tooLong(over, welcome?.maxPromptBytes ?? 0)}
          {over <= 0 && !isTouch && (
            <>
              <span>{words.compose.enterSends}</span>
              <span>{words.compose.shiftEnterBreaks}</span>
            </>
          )}
        </p>
        {isRunning && (
          <button type="button" className="button stop" onClick={() => client.stop()}>
            <span className="stop-mark" aria-hidden="true" />
            <span className="stop-word">{words.compose.stop}</span>
          </button>
        )}
        <button type="submit" className="button primary send" disabled={!isSendable && !mayWait}>
          {words.compose.send}
        </button>
      </div>
    </form>
  );
}

interface Facts {
  hearing: DictationState;
  isKept: boolean;
  isWaiting: boolean;
  isLive: boolean;
  isWanted: boolean;
}

/** The one thing most worth knowing about the message; mostly none. */
function note({ hearing, isKept, isWaiting, isLive, isWanted }: Facts): string {
  if (hearing !== 'off') return words.compose.dictation[hearing];
  if (isWaiting && !isLive) return words.compose.imagesWait;
  if (isWaiting && isWanted) return words.compose.imagesUploading;
  return isKept ? '' : words.compose.draftNotKept;
}

const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).length;
}
