/**
 * Runs in the page at `ops/stately`, as the one script there: hands on to the inspector in the frame what the server
 * tells. Before its operator’s click nothing is loaded into the frame, asked of the server or handed on. That the
 * inspector is there is heard from that frame and that origin alone, and what it is told is for that origin alone.
 */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;
/** A sign-in that has ended, and what no other try would mend. */
const FINAL = new Set([4400, 4401]);

const byId = (id) => document.getElementById(id);
const [connect, disconnect, status] = ['connect', 'disconnect', 'status'].map(byId);
/** It comes into the page with the click. */
const frame = document.importNode(byId('embedded').content, true).firstElementChild;
const { address } = frame.dataset;
const inspector = new URL(address).origin;
/** In our own origin its page could do all that its operator may. */
const isOurs = inspector === location.origin;
const actor = new URLSearchParams(location.search).get('actor') || '*';

let isWanted = false;
/** It has said so. */
let isThere = false;
let socket = null;
let timer = 0;
let tries = 0;
let handed = 0;

function show(state) {
  document.body.dataset.state = state;
  status.textContent = byId(`says-${state}`).textContent;
  connect.hidden = isWanted || isOurs;
  disconnect.hidden = !isWanted;
}

connect.addEventListener('click', () => {
  isWanted = true;
  if (isThere) return ask();
  show('waiting');
  frame.src = address;
  if (!frame.isConnected) document.body.append(frame);
});

disconnect.addEventListener('click', () => {
  if (isThere) tell({ type: '@statelyai.disconnected' });
  leave('off');
});

addEventListener('message', ({ source, origin, data }) => {
  if (!isWanted || source !== frame.contentWindow || origin !== inspector) return;
  if (data?.type !== '@statelyai.connected') return;
  isThere = true;
  ask();
});

/** An inspector that was loaded anew knows nothing of what the one before it was told. */
function ask() {
  if (socket?.readyState === WebSocket.OPEN)
    socket.send(JSON.stringify({ type: 'stately', ref: 'stately', actor }));
  else open();
}

function open() {
  clearTimeout(timer);
  hangUp();
  const own = new WebSocket(new URL('ws', location.href), 'agui.v1');
  socket = own;
  show('opening');
  own.onopen = ask;
  own.onmessage = ({ data }) => take(JSON.parse(data));
  own.onclose = ({ code }) => (FINAL.has(code) ? leave('ended') : retry());
}

/** Whoever else may have come into the frame is told nothing. */
function tell(message) {
  frame.contentWindow.postMessage(message, inspector);
}

/** Of the other frames the operators’ page is made. */
function take(told) {
  if (told.type === 'ping') socket.send('{"type":"pong"}');
  if (told.type === 'reply') {
    if (told.fault !== null) return leave('gone');
    tries = 0;
    show('connected');
  }
  if (told.type !== 'stately') return;
  for (const message of told.messages) tell(message);
  handed += told.messages.length;
  byId('handed').textContent = handed;
  byId('dropped').textContent = told.dropped;
}

function retry() {
  show('lost');
  const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries);
  tries += 1;
  timer = setTimeout(async () => {
    if (await isRefused()) leave('ended');
    else if (isWanted) open();
  }, ceiling * Math.random());
}

/** A socket that is refused does not say why. */
async function isRefused() {
  try {
    const answer = await fetch('../api/me');
    if (answer.ok) return (await answer.json()).operator !== true;
    return answer.status === 401 || answer.status === 403;
  } catch {
    return false;
  }
}

function leave(state) {
  isWanted = false;
  tries = 0;
  clearTimeout(timer);
  hangUp();
  show(state);
}

function hangUp() {
  if (socket === null) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = null;
}

show(isOurs ? 'ours' : 'off');
