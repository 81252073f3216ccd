import { type FaultButton, faultButtons } from "../../../src/stage/faults.js";
import { breakRun, pressed } from "../state/break.js";
import { effectOf } from "../state/effects.js";
import { lesson } from "../state/lessons.js";
import { request } from "../state/server.js";
import { activeFaults, link } from "../state/store.js";
import { EffectFigures, FaultWaits } from "./effect-figures.js";

/** The settings of the run that is started if there is none. */
const perSecond = 4000;

/** Everything that can go wrong, by a button each. */
export function Faults() {
  const told = faultButtons.find(({ name }) => name === pressed.value);
  return (
    <section id="faults" class="section" aria-labelledby="faults-title">
      <h2 id="faults-title">Break it</h2>
      <p class="lead">Press while a run is under way; without one, a short run begins and is broken a moment later.</p>
      <ul class="fault-buttons">
        {faultButtons.map((button) => (
          <li key={button.name}>
            <Button button={button} />
          </li>
        ))}
      </ul>
      {activeFaults.value.length > 0 && (
        <button type="button" class="button quiet" onClick={() => void request({ type: "clearFaults" })}>
          Take off the faults that are still on
        </button>
      )}
      <div aria-live="polite">{told !== undefined && <Told button={told} />}</div>
    </section>
  );
}

function Button({ button: { name, title, sentence } }: { readonly button: FaultButton }) {
  return (
    <button
      type="button"
      class="card fault-button"
      data-fault={name}
      aria-pressed={pressed.value === name}
      disabled={link.value !== "open"}
      onClick={() => {
        lesson.value = null;
        void breakRun(name, perSecond);
      }}
    >
      <b>
        {title}
        {activeFaults.value.includes(name) && <span class="on">on</span>}
      </b>
      <span>{sentence}</span>
    </button>
  );
}

/** The meaning of the fault on each wire, and its measured cost. */
function Told({ button }: { readonly button: FaultButton }) {
  const seen = effectOf(button.name);
  return (
    <div class="card fault-told" data-told={button.name}>
      <h3>{button.title}</h3>
      <dl class="fault-wires">
        <div>
          <dt>On the binary wire</dt>
          <dd>{button.binary}</dd>
        </div>
        <div>
          <dt>On HTTP/2</dt>
          <dd>{button.http2}</dd>
        </div>
      </dl>
      {seen === null ? (
        <FaultWaits />
      ) : (
        <>
          <EffectFigures effect={seen} />
          <p class="verdict">{button.better}</p>
        </>
      )}
    </div>
  );
}
