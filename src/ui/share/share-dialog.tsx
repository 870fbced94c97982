import { type ReactNode, useCallback, useEffect, useId, useRef, useState } from 'react';
import type { ShareView } from '../../transport/views.ts';
import { Dialog } from '../account/dialog.tsx';
import { copied } from '../clipboard.ts';
import { locale } from '../words/locale.ts';
import { words } from '../words/words.ts';
import { share, shareOf, unshare } from './share-api.ts';
import type { Shareable } from './share-request.ts';
import { linkOf } from './shared-link.ts';

/** Who watches is looked at again this often. */
const AGAIN_MS = 5_000;
const DAY_MS = 24 * 3_600_000;
const LASTS = { week: 7 * DAY_MS, day: DAY_MS, always: null } as const;
type Lasts = keyof typeof LASTS;

interface ShareDialogProps {
  conversation: Shareable;
  onClose: () => void;
}

/** The link of one conversation: made, copied once, looked after and withdrawn. */
export default function ShareDialog({ conversation, onClose }: ShareDialogProps) {
  const said = words.share;
  const { threadId, title } = conversation;
  const [shared, setShared] = useState<ShareView | null | 'loading'>('loading');
  const [link, setLink] = useState<string | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const [news, setNews] = useState('');
  const [isBusy, setBusy] = useState(false);

  /** Made and withdrawn here: an answer to what was asked before is of no use any more. */
  const changes = useRef(0);

  const look = useCallback(() => {
    const before = changes.current;
    return shareOf(threadId).then(
      (now) => before === changes.current && setShared(now),
      (error: Error) => setWhy(error.message),
    );
  }, [threadId]);
  useEffect(() => {
    void look();
    const timer = setInterval(look, AGAIN_MS);
    return () => clearInterval(timer);
  }, [look]);

  const attempt = async (act: () => Promise<void>) => {
    if (isBusy) return;
    setBusy(true);
    setWhy(null);
    try {
      await act();
      changes.current += 1;
    } catch (error) {
      setWhy(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  const create = (lasts: Lasts) =>
    attempt(async () => {
      const made = await share(threadId, LASTS[lasts]);
      setShared(made.share);
      setLink(linkOf(made.id, document.baseURI));
      setNews(said.created);
    });
  const withdraw = () =>
    attempt(async () => {
      await unshare(threadId);
      setShared(null);
      setLink(null);
      setNews(said.withdrawn);
    });

  return (
    <Dialog title={said.title} className="share" onClose={onClose}>
      <p className="share-of" title={title}>
        {title}
      </p>
      <p className="quiet">{said.whatItDoes}</p>
      {shared === 'loading' && why === null && <p className="quiet">{said.loading}</p>}
      {shared !== 'loading' && shared !== null && (
        <>
          {link !== null && <LinkBox link={link} onCopied={() => setNews(said.copied)} />}
          <Facts share={shared} isNew={link !== null} />
        </>
      )}
      {why !== null && (
        <p className="share-problem" role="alert">
          {why}
        </p>
      )}
      {shared === null && news === said.withdrawn && <p className="share-gone">{news}</p>}
      {shared === null && <Create isBusy={isBusy} onCreate={create} label={said.create} />}
      {shared !== 'loading' && shared !== null && link === null && (
        <details className="share-anew">
          <summary>{said.anewTitle}</summary>
          <p className="quiet">{said.anewWhy}</p>
          <Create isBusy={isBusy} onCreate={create} label={said.anew} />
        </details>
      )}
      <p className="hidden" role="status">
        {news}
      </p>
      <div className="dialog-actions">
        {shared !== 'loading' && shared !== null && (
          <button
            type="button"
            className="button quiet-button danger"
            aria-disabled={isBusy}
            onClick={() => void withdraw()}
          >
            {said.withdraw}
          </button>
        )}
        <button type="button" className="button" onClick={onClose}>
          {said.close}
        </button>
      </div>
    </Dialog>
  );
}

function Create(props: { isBusy: boolean; label: string; onCreate: (lasts: Lasts) => void }) {
  const id = useId();
  const [lasts, setLasts] = useState<Lasts>('week');
  return (
    <form
      className="share-create"
      onSubmit={(event) => {
        event.preventDefault();
        props.onCreate(lasts);
      }}
    >
      <label htmlFor={id}>{words.share.lasts}</label>
      <select
        id={id}
        value={lasts}
        onChange={({ target }) => setLasts((target as HTMLSelectElement).value as Lasts)}
      >
        {(Object.keys(LASTS) as Lasts[]).map((each) => (
          <option key={each} value={each}>
            {words.share.lasting[each]}
          </option>
        ))}
      </select>
      <button type="submit" className="button primary" aria-disabled={props.isBusy}>
        {props.label}
      </button>
    </form>
  );
}

function LinkBox({ link, onCopied }: { link: string; onCopied: () => void }) {
  const said = words.share;
  const box = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    box.current?.select();
    if (!(await copied(link))) return; // it is selected: a key copies it
    setCopied(true);
    onCopied();
  };
  return (
    <div className="share-link">
      <input
        ref={box}
        readOnly
        aria-label={said.link}
        value={link}
        onFocus={() => box.current?.select()}
      />
      <button type="button" className="button primary" onClick={() => void copy()}>
        {isCopied ? said.copied : said.copy}
      </button>
      <p className="quiet">{said.once}</p>
    </div>
  );
}

function Facts({ share: { createdAt, expiresAt, readers }, isNew }: FactsProps) {
  const said = words.share;
  const watching = readers.filter(({ isWatching }) => isWatching).length;
  return (
    <>
      <p className="share-facts">
        {!isNew && <Line>{said.since(on(createdAt))}</Line>}
        <Line>{expiresAt === null ? said.untilWithdrawn : said.until(on(expiresAt))}</Line>
        <Line>{readers.length === 0 ? said.nobody : said.watching(watching)}</Line>
      </p>
      {readers.length > 0 && (
        <ul className="share-readers" aria-label={said.readers}>
          {readers.map(({ user, lastAt, isWatching }) => (
            <li key={user} className={isWatching ? 'watching' : ''}>
              <span className="share-reader">{user}</span>
              <span className="quiet">{isWatching ? said.now : said.opened(on(lastAt))}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface FactsProps {
  share: ShareView;
  /** It was made just now. */
  isNew: boolean;
}

function Line({ children }: { children: ReactNode }) {
  return <span className="share-fact">{children}</span>;
}

function on(at: number): string {
  return new Date(at).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' });
}
