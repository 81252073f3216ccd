import { effectOf } from "../state/effects.js";
import { type Lesson, lesson, lessons, show } from "../state/lessons.js";
import { link } from "../state/store.js";
import { EffectFigures, FaultWaits } from "./effect-figures.js";

/** Four things that tell the wires apart, each to be seen by one press. */
export function Lessons() {
  return (
    <section id="lessons" class="section" aria-labelledby="lessons-title">
      <h2 id="lessons-title">Four things to see</h2>
      <p class="lead">Press one: a short run begins, breaks on purpose, and the figures say what it cost.</p>
      <ol class="lessons">
        {lessons.map((each, index) => (
          <LessonCard key={each.id} lesson={each} number={index + 1} />
        ))}
      </ol>
    </section>
  );
}

function LessonCard({ lesson: each, number }: { readonly lesson: Lesson; readonly number: number }) {
  const isShown = lesson.value === each;
  const seen = isShown ? effectOf(each.fault) : null;
  return (
    <li class={`card lesson ${isShown ? "is-shown" : ""}`}>
      <p class="lesson-number" aria-hidden="true">
        {number}
      </p>
      <h3>{each.title}</h3>
      <p>{each.sentence}</p>
      <p class="muted">{each.look}</p>
      <button type="button" class="button" disabled={link.value !== "open"} onClick={() => void show(each)}>
        Show me<span class="visually-hidden"> an example: {each.title}</span>
      </button>
      <div aria-live="polite">
        {isShown && seen === null && <FaultWaits />}
        {seen !== null && (
          <>
            <EffectFigures effect={seen} />
            <p class="verdict">{each.better}</p>
            <p class="lesson-more">
              <a href="#race">See both wires at it</a>, and <a href="#timeline">what happened</a>
            </p>
          </>
        )}
      </div>
    </li>
  );
}
