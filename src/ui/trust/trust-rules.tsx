import type { ReactNode } from 'react';
import type { Chosen, Welcome } from '../chat/chat-view.ts';
import { words } from '../words/words.ts';

interface TrustRulesProps {
  chosen: Chosen | null;
  welcome: Welcome;
}

/** What Claude may do, where, and who sees it, in plain words. */
export function TrustRules({ chosen, welcome }: TrustRulesProps) {
  const said = words.trust;
  const { agent, rules, sandbox, user, operator } = welcome;
  const model = chosen?.model ?? agent.model ?? said.ownModel;
  const effort = chosen?.effort;
  return (
    // The first to have the focus, or the dialog would open at the button at its end.
    <dl className="trust-rules" tabIndex={-1} ref={(it) => it?.setAttribute('autofocus', '')}>
      <Rule name={said.you}>{operator ? said.operator(user) : user}</Rule>
      <Rule name={said.who}>{agent.kind === 'demo' ? said.demo : said.claude(agent.version)}</Rule>
      <Rule name={said.model}>{effort ? `${model}, ${said.effort(effort)}` : model}</Rule>
      {rules && (
        <>
          <Rule name={said.mode}>{said.modes[rules.permissionMode]}</Rule>
          <Rule name={said.tools}>
            {rules.tools === null ? said.allTools : <Names of={rules.tools} none={said.noTools} />}
          </Rule>
          <Rule name={said.never}>
            <Names of={rules.never} none={said.nothing} />
          </Rule>
        </>
      )}
      <Rule name={said.sandbox} isOpen={sandbox === 'none'}>
        {said.sandboxes[sandbox]}
      </Rule>
      {rules && (
        <Rule name={said.files}>{rules.sharesWorkspace ? said.sharedFiles : said.ownFiles}</Rule>
      )}
      <Rule name={said.readers}>{said.readersWords}</Rule>
    </dl>
  );
}

/** `isOpen`: something to think of before one goes on. */
function Rule(props: { name: string; isOpen?: boolean; children: ReactNode }) {
  return (
    <div className={`trust-rule ${props.isOpen ? 'open' : ''}`}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Names({ of, none }: { of: readonly string[]; none: string }) {
  if (of.length === 0) return none;
  return (
    <ul className="trust-names">
      {of.map((name) => (
        <li key={name}>
          <code>{name}</code>
        </li>
      ))}
    </ul>
  );
}
