import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { SignInView } from '../../transport/views.ts';
import { useNow } from '../view/clock.ts';
import { words } from '../words/words.ts';
import { type Device, deviceOf } from './device-words.ts';
import { Dialog } from './dialog.tsx';
import { agoWords, onWords } from './past-words.ts';
import { endSignIn, signIns } from './sign-ins-api.ts';

interface DevicesDialogProps {
  user: string;
  onEverywhere: () => void;
  onClose: () => void;
}

/** Where the user is signed in, and the end of each of these sign-ins. */
export default function DevicesDialog({ user, onEverywhere, onClose }: DevicesDialogProps) {
  const said = words.account;
  const { list, why, retry, remove } = useSignIns();
  const [news, setNews] = useState('');
  const rows = useRef<HTMLUListElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  const others = list?.filter(({ isThis }) => !isThis) ?? [];

  // The button that had the focus has gone with its row: the one in its place has it now.
  const ended = useRef<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once the rows have changed
  useLayoutEffect(() => {
    if (ended.current === null) return;
    const buttons = [...(rows.current?.querySelectorAll('button') ?? [])];
    if (document.activeElement === document.body)
      (buttons[ended.current] ?? buttons.at(-1) ?? close.current)?.focus();
    ended.current = null;
  }, [list]);
  const end = async (signIn: SignInView) => {
    await endSignIn(signIn.id);
    ended.current = others.indexOf(signIn);
    remove(signIn.id);
    setNews(said.deviceSignedOut(deviceOf(signIn.device).name));
  };
  return (
    <Dialog title={said.devicesTitle} className="devices" onClose={onClose}>
      <p className="quiet">{said.devicesOf(user)}</p>
      {list ? (
        <ul ref={rows} className="device-list">
          {list.map((signIn) => (
            <DeviceRow key={signIn.id} signIn={signIn} onEnd={() => end(signIn)} />
          ))}
        </ul>
      ) : (
        <Missing why={why} onRetry={retry} />
      )}
      {list && others.length === 0 && <p className="quiet">{said.nowhereElse}</p>}
      <p className="hidden" role="status">
        {news}
      </p>
      <div className="dialog-actions">
        {others.length > 0 && (
          <button type="button" className="button quiet-button danger" onClick={onEverywhere}>
            {said.signOutEverywhere}
          </button>
        )}
        <button ref={close} type="button" className="button" onClick={onClose}>
          {said.close}
        </button>
      </div>
    </Dialog>
  );
}

function Missing({ why, onRetry }: { why: string | null; onRetry: () => void }) {
  if (why === null)
    return (
      <p className="devices-state quiet" role="status">
        {words.account.loading}
      </p>
    );
  return (
    <div className="devices-state" role="alert">
      <p>{why}</p>
      <button type="button" className="button" onClick={onRetry}>
        {words.account.tryAgain}
      </button>
    </div>
  );
}

function DeviceRow({ signIn, onEnd }: { signIn: SignInView; onEnd: () => Promise<void> }) {
  const said = words.account;
  const [isEnding, setEnding] = useState(false);
  const [why, setWhy] = useState<string | null>(null);
  const now = useNow(30_000);
  const { name, kind } = deviceOf(signIn.device);
  const used = signIn.isThis ? said.inUse : said.lastUsed(agoWords(signIn.usedAt, now));
  const end = async () => {
    setEnding(true);
    setWhy(null);
    try {
      await onEnd();
    } catch (error) {
      setWhy(error instanceof Error ? error.message : said.failed);
      setEnding(false);
    }
  };
  return (
    <li className="device">
      <DeviceMark kind={kind} />
      <div className="device-words">
        <p className="device-name" title={signIn.device}>
          {name} {signIn.isThis && <span className="device-this">{said.thisDevice}</span>}
        </p>
        <p className="device-facts">
          <span>{used}</span> <span>{said.signedIn(onWords(signIn.createdAt, now))}</span>
        </p>
        {why !== null && (
          <p className="device-problem" role="alert">
            {why}
          </p>
        )}
      </div>
      {!signIn.isThis && (
        <button
          type="button"
          className="button"
          // Not disabled: that would take the focus away from it.
          aria-disabled={isEnding}
          aria-label={said.signOutDevice(name, used)}
          onClick={() => !isEnding && void end()}
        >
          {isEnding ? said.signingOut : said.signOut}
        </button>
      )}
    </li>
  );
}

const MARKS: Readonly<Record<Device['kind'], string>> = {
  computer: 'M3.5 4.5h13v8.5h-13zM2 16h16',
  phone: 'M6 2.5h8v15h-8zM9 15h2',
  program: 'M2.5 4h15v12h-15zM5.5 8l2.5 2-2.5 2M10 12.5h4',
};

function DeviceMark({ kind }: { kind: Device['kind'] }) {
  return (
    <svg className="device-mark" viewBox="0 0 20 20" aria-hidden="true">
      <path d={MARKS[kind]} />
    </svg>
  );
}

function useSignIns() {
  const [list, setList] = useState<readonly SignInView[] | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const [asked, ask] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a wish asks again
  useEffect(() => {
    const aborted = new AbortController();
    setWhy(null);
    signIns(aborted.signal).then(setList, (error: unknown) => {
      if (!aborted.signal.aborted) setWhy(error instanceof Error ? error.message : String(error));
    });
    return () => aborted.abort();
  }, [asked]);
  const retry = useCallback(() => ask((times) => times + 1), []);

  const remove = (id: string) =>
    setList((known) => known?.filter((signIn) => signIn.id !== id) ?? null);
  return { list, why, retry, remove };
}
