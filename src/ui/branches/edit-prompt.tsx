import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { ChatClient } from '../chat/client.ts';
import type { UserItem } from '../chat/thread.ts';
import { isComposing } from '../compose/ime.ts';
import { words } from '../words/words.ts';
import { fork } from './branch-api.ts';

interface EditPromptProps {
  item: UserItem;
  runId: string;
  client: ChatClient;
  onClose: () => void;
  /** It is on its way, in a branch that is on screen now. */
  onSent: () => void;
}

/** A prompt, to be said differently. The conversation as it is stays; the new words begin a branch of it. */
export default function EditPrompt({ item, runId, client, onClose, onSent }: EditPromptProps) {
  const [text, setText] = useState(item.text);
  const [state, setState] = useState<'writing' | 'sending'>('writing');
  const [why, setWhy] = useState('');
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const end = box.current?.value.length ?? 0;
    box.current?.focus();
    box.current?.setSelectionRange(end, end);
  }, []);

  const send = async (event?: FormEvent) => {
    event?.preventDefault();
    const { threadId } = client.store.view();
    if (state === 'sending' || threadId === null || text.trim() === '') return;
    setState('sending');
    setWhy('');
    try {
      const branch = await fork(threadId, runId);
      client.sendIn(branch.threadId, { text: text.trim(), images: item.images });
      onSent();
    } catch (error) {
      setWhy(error instanceof Error ? error.message : words.branches.failed);
      setState('writing');
      box.current?.focus(); // the button that had it was disabled meanwhile
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === 'Escape') {
      event.stopPropagation(); // it must not stop an answer as well
      onClose();
    }
    if (event.key === 'Enter' && !event.shiftKey) void send(event as unknown as FormEvent);
  };
  return (
    <form className="edit-prompt" onSubmit={send}>
      <textarea
        ref={box}
        aria-label={words.branches.editLabel}
        rows={Math.min(12, text.split('\n').length + 1)}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKeyDown}
      />
      {why && (
        <p className="edit-why" role="alert">
          {why}
        </p>
      )}
      <div className="edit-actions">
        <p className="quiet">{words.branches.editNote}</p>
        <button type="button" className="button" onClick={onClose}>
          {words.branches.cancel}
        </button>
        <button
          type="submit"
          className="button primary"
          disabled={state === 'sending' || text.trim() === ''}
        >
          {text === item.text ? words.branches.askAgain : words.branches.send}
        </button>
      </div>
    </form>
  );
}
