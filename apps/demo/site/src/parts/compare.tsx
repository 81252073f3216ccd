import { compare, doubts, markdown, runTitle } from "../state/comparison.js";
import { choose, chosen, forgetRuns, runs } from "../state/runs.js";
import { addNotice } from "../state/store.js";

/** Runs that are over, side by side. */
export function Compare() {
  const reports = runs.value.filter(({ id }) => chosen.value.has(id));
  return (
    <section id="compare" class="section" aria-labelledby="compare-title">
      <h2 id="compare-title">Compare</h2>
      <p class="lead">
        Every run ends here, and its books are checked: they balance if Apple's stand-in received exactly what the
        sender believes, nothing lost, nothing twice. What the sender cannot know is in doubt. The last twelve runs are
        kept in this browser.
      </p>
      {runs.value.length === 0 ? (
        <p class="muted">No run is over yet.</p>
      ) : (
        <>
          <ul class="runs">
            {runs.value.map((report) => (
              <li key={report.id} data-run={report.id}>
                <label class="check">
                  <input
                    type="checkbox"
                    checked={chosen.value.has(report.id)}
                    onChange={({ currentTarget }) => choose(report.id, currentTarget.checked)}
                  />
                  {runTitle(report)}
                </label>
              </li>
            ))}
          </ul>
          {reports.length > 0 && <Table />}
          {doubts(reports).map(([title, text]) => (
            <p key={title} class="doubt">
              <b>{title}:</b> {text}
            </p>
          ))}
          <div class="compare-buttons">
            <button type="button" class="button" disabled={reports.length === 0} onClick={() => void copy()}>
              Copy as Markdown
            </button>
            <button type="button" class="button" disabled={reports.length === 0} onClick={download}>
              Download JSON
            </button>
            <button type="button" class="button quiet" onClick={forgetRuns}>
              Forget all
            </button>
          </div>
        </>
      )}
    </section>
  );

  function Table() {
    const { head, rows } = compare(reports);
    return (
      <div class="card table-box">
        <table class="comparison">
          <thead>
            <tr>
              <th scope="col">
                <span class="visually-hidden">Figure</span>
              </th>
              {head.map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([label, ...values]) => (
              <tr key={label} data-row={label}>
                <th scope="row">{label}</th>
                {values.map((value, index) => (
                  <td key={head[index]}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    );
  }

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(markdown(compare(reports)));
      addNotice("message", "The table is in the clipboard.");
    } catch (error) {
      addNotice("problem", `The browser does not allow copying: ${(error as Error).message}`);
    }
  }

  function download(): void {
    const url = URL.createObjectURL(new Blob([JSON.stringify(reports, null, 2)], { type: "application/json" }));
    const anchor = document.createElement("a");
    anchor.href = url;
    anchor.download = "apns-runs.json";
    anchor.click();
    URL.revokeObjectURL(url);
  }
}
