import { createRoot } from 'react-dom/client';
import { InLanguage } from '../words/in-language.tsx';
import { speakPreferred } from '../words/language-choice.ts';
import { answer } from './answers.ts';
import { Gallery } from './gallery.tsx';
import { sections } from './sections.ts';

const place = document.getElementById('app');
if (!place) throw new Error('components.html has no #app');

globalThis.fetch = answer;
await speakPreferred();
const only = new URLSearchParams(location.search).get('section');
createRoot(place).render(
  <InLanguage>
    <Gallery sections={sections} only={only} />
  </InLanguage>,
);
