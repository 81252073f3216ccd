import { announcement, dropNotice, notices } from "../state/store.js";

/** Short-lived messages; screen readers announce them at once. */
export function Notices() {
  return (
    <>
      <p class="visually-hidden" role="status">
        {announcement.value}
      </p>
      <div class="notices" aria-live="polite">
        {notices.value.map(({ id, tone, text }) => (
          <div key={id} class="card notice" data-tone={tone}>
            <p>{text}</p>
            <button type="button" onClick={() => dropNotice(id)} aria-label="Close this message">
              ✕
            </button>
          </div>
        ))}
      </div>
    </>
  );
}
