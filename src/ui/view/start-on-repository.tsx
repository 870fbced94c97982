import { useSelector } from '@xstate/react';
import { type FormEvent, useState } from 'react';
import type { ChatClient } from '../chat/client.ts';
import { words } from '../words/words.ts';

interface StartOnRepositoryProps {
  client: ChatClient;
  /** The one this conversation is on; null: the workspace itself. */
  repository: string | null;
}

/** Before the first word: the conversation may begin on a clone of a repository. */
export default function StartOnRepository({ client, repository }: StartOnRepositoryProps) {
  const [name, setName] = useState('');
  const wished = useSelector(client.connection, ({ context }) =>
    context.outbox.some((wish) => 'type' in wish && wish.type === 'choose' && wish.repository),
  );
  if (repository !== null)
    return (
      <p className="repository">
        {words.view.inClone[0]}
        <strong>{repository}</strong>
        {words.view.inClone[1]}
      </p>
    );
  const start = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '') client.choose({ repository: name.trim() });
  };
  return (
    <form className="repository" onSubmit={start}>
      <label htmlFor="repository">{words.view.startOn}</label>
      <input
        id="repository"
        type="text"
        className="field"
        placeholder={words.view.ownerName}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        value={name}
        disabled={wished}
        onChange={({ target }) => setName(target.value)}
      />
      <button type="submit" className="button" disabled={wished || name.trim() === ''}>
        {wished ? words.view.cloning : words.view.clone}
      </button>
      <span className="hidden" role="status">
        {wished ? words.view.cloningOf(name) : ''}
      </span>
    </form>
  );
}
