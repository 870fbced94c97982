import type { Section } from './state.tsx';

/** Every component in every state; `only`: one section of it, by its id. */
export function Gallery({ sections, only }: { sections: readonly Section[]; only: string | null }) {
  const shown = only === null ? sections : sections.filter(({ id }) => id === only);
  return (
    <main className="gallery">
      <div className="gallery-column">
        <h1>Components</h1>
        <nav aria-label="Sections">
          <ul className="gallery-places">
            {sections.map(({ id, title }) => (
              <li key={id}>
                <a href={only === null ? `#${id}` : `?section=${id}`}>{title}</a>
              </li>
            ))}
          </ul>
        </nav>
        {shown.map((section) => (
          <section key={section.id} id={section.id} className="gallery-section">
            <h2>{section.title}</h2>
            {section.states.map(({ name, show, frame }) => (
              <div key={name} className="gallery-state" data-state={name}>
                <p className="gallery-name">{name}</p>
                <div className={frame === 'none' ? undefined : `gallery-frame ${frame}`}>
                  {show()}
                </div>
              </div>
            ))}
          </section>
        ))}
      </div>
    </main>
  );
}
