import { useEffect, useState } from 'react';
import type { FileView } from '../../transport/views.ts';
import { words } from '../words/words.ts';
import { contentUrl, PREVIEW_BYTES_MAX, textOf } from './files-api.ts';
import { sizeWords } from './size-words.ts';

const IMAGE = /\.(png|jpe?g|gif|webp)$/i;
/** What has one of these among its first characters is no text. */
const BINARY = /\0/;
const SNIFFED = 8_000;

/** One file: an image as such, a text as text, all else to be downloaded. */
export function Preview(props: { path: string; file: FileView; onBack: () => void }) {
  const { path, file, onBack } = props;
  const isImage = IMAGE.test(file.name);
  return (
    <section className="preview" aria-label={file.name}>
      <div className="preview-head">
        <button type="button" className="link-button" onClick={onBack}>
          <span aria-hidden="true" className="back-mark">
            ←
          </span>
          {words.files.back}
        </button>
        <h3 className="preview-name" dir="auto">
          {file.name}
        </h3>
        <a className="link-button" href={contentUrl(path, true)} download={file.name}>
          {words.files.download}
        </a>
      </div>
      {isImage ? (
        <img className="preview-image" src={contentUrl(path)} alt={file.name} />
      ) : (
        <Text key={path} path={path} file={file} />
      )}
    </section>
  );
}

function Text({ path, file }: { path: string; file: FileView }) {
  const [text, setText] = useState<string | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  useEffect(() => {
    const aborted = new AbortController();
    textOf(path, aborted.signal).then(setText, (error: unknown) => {
      if (!aborted.signal.aborted)
        setWhy(error instanceof Error ? error.message : words.files.failed);
    });
    return () => aborted.abort();
  }, [path]);
  if (why !== null)
    return (
      <p className="files-state" role="alert">
        {why}
      </p>
    );
  if (text === null) return <p className="files-state quiet">{words.files.opening}</p>;
  if (BINARY.test(text.slice(0, SNIFFED)))
    return <p className="files-state quiet">{words.files.notText}</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it */}
      <pre className="plain" dir="auto" tabIndex={0}>
        {text === '' ? words.files.emptyFile : text}
      </pre>
      {file.bytes > PREVIEW_BYTES_MAX && (
        <p className="quiet">{words.files.onlyFirst(sizeWords(PREVIEW_BYTES_MAX))}</p>
      )}
    </>
  );
}
