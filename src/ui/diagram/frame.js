/**
 * Runs inside the frame, after the diagram library, as a script of its page: draws one text, says how high it is or
 * what is wrong with it. The frame has an origin of nobody's and may load nothing, so it can tell nothing either.
 */
/** @param {import('./messages.ts').FrameSays} message */
const say = (message) => parent.postMessage(message, '*');

const heightOf = () => Math.ceil(document.body.getBoundingClientRect().height);

/** @param {import('./messages.ts').ToFrame} ask */
async function draw({ text, theme }) {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    theme,
    look: 'classic',
    // Labels as SVG text, no styles of the diagram's own; and no directive in a diagram changes that.
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    secure: [
      'secure',
      'securityLevel',
      'startOnLoad',
      'maxTextSize',
      'maxEdges',
      'suppressErrorRendering',
      'htmlLabels',
      'flowchart',
      'themeCSS',
      'dompurifyConfig',
    ],
    maxTextSize: 50_000,
    maxEdges: 500,
    suppressErrorRendering: true,
    fontFamily: 'system-ui, sans-serif',
  });
  const { svg } = await mermaid.render('diagram', text);
  document.body.innerHTML = svg;
  // A link would lead this frame elsewhere; the page's policy refuses that, but better there is none.
  for (const link of document.querySelectorAll('a')) {
    link.removeAttribute('href');
    link.removeAttribute('xlink:href');
  }
  say({ type: 'drawn', height: heightOf() });
  new ResizeObserver(() => say({ type: 'drawn', height: heightOf() })).observe(document.body);
}

addEventListener('message', ({ source, data }) => {
  if (source !== parent) return;
  draw(data).catch((error) => say({ type: 'wrong', why: String(error?.message ?? error) }));
});
say({ type: 'ready' });
