import { opsWords } from '../words/ops.ts';
import { count } from './numbers.ts';
import { type counts as countsOf, KINDS, SORTS, type Sort, type Wanted } from './roster.ts';
import { toneOf } from './tone.ts';

interface ActorFiltersProps {
  wanted: Wanted;
  onWant: (wanted: Wanted) => void;
  counts: ReturnType<typeof countsOf>;
  shown: number;
  all: number;
}

/** What of the list is wanted, and how much of each there is. */
export function ActorFilters({ wanted, onWant, counts, shown, all }: ActorFiltersProps) {
  const said = opsWords();
  const want = (change: Partial<Wanted>) => onWant({ ...wanted, ...change });
  return (
    <div className="ops-filters">
      <div className="ops-filter-line">
        <input
          type="search"
          className="field ops-search"
          placeholder={said.search}
          aria-label={said.search}
          value={wanted.text}
          onInput={({ currentTarget }) => want({ text: currentTarget.value })}
        />
        <select
          className="field"
          aria-label={said.sortBy}
          value={wanted.sort}
          onChange={({ target }) => want({ sort: target.value as Sort })}
        >
          {SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {said.sorts[sort]}
            </option>
          ))}
        </select>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a form's looks, and there is no form */}
      <div className="ops-chips" role="group" aria-label={said.kindFilter}>
        <button
          type="button"
          className="ops-chip"
          aria-pressed={wanted.kind === null}
          onClick={() => want({ kind: null, state: null })}
        >
          {said.allKinds} <span className="ops-count">{count(all)}</span>
        </button>
        {KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            className="ops-chip"
            aria-pressed={wanted.kind === kind}
            onClick={() => want({ kind: wanted.kind === kind ? null : kind, state: null })}
          >
            {said.kindsMany[kind]} <span className="ops-count">{count(counts.kinds[kind])}</span>
          </button>
        ))}
      </div>
      {counts.states.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: as above
        <div className="ops-chips ops-states" role="group" aria-label={said.stateFilter}>
          {counts.states.map(([state, number]) => (
            <button
              key={state}
              type="button"
              className={`ops-chip tone-${toneOf(state)}`}
              aria-pressed={wanted.state === state}
              onClick={() => want({ state: wanted.state === state ? null : state })}
            >
              <span className="ops-dot" aria-hidden="true" />
              <code>{state}</code> <span className="ops-count">{count(number)}</span>
            </button>
          ))}
        </div>
      )}
      <div className="ops-filter-line">
        <p className="quiet" role="status">
          {said.shown(count(shown), count(all))}
        </p>
        <label className="check ops-grouped" title={said.asTreeTitle}>
          <input
            type="checkbox"
            checked={wanted.asTree}
            onChange={({ target }) => want({ asTree: target.checked })}
          />
          <span>{said.asTree}</span>
        </label>
      </div>
    </div>
  );
}
