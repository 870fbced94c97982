import { createRoot } from 'react-dom/client';
import { preferredLanguage, speak } from '../words/words.ts';
import { answer } from './answers.ts';
import { Gallery } from './gallery.tsx';
import { sections } from './sections.ts';

const place = document.getElementById('app');
if (!place) throw new Error('components.html has no #app');

globalThis.fetch = answer;
await speak(preferredLanguage());
const only = new URLSearchParams(location.search).get('section');
createRoot(place).render(<Gallery sections={sections} only={only} />);
