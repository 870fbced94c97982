import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ChatClient } from './chat/client.ts';
import { preferredLanguage, speak } from './words/words.ts';

const place = document.getElementById('app');
if (!place) throw new Error('index.html has no #app');

const client = new ChatClient();
client.start();
await speak(preferredLanguage());
createRoot(place).render(<App client={client} />);
