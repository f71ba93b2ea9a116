/** Files on their way to the API, by XMLHttpRequest, since fetch does not tell how far an upload is. */
import { csrfToken, type Problem } from "./api";

const BROKE = "The upload broke off: the server does not answer. Your files are still chosen; try again.";

/** Send a form and give its answer; `told` hears the share that is sent, `cancelled` ends it. Until then the browser asks
 *  whoever leaves the page. Raises an Error with a sentence. */
export function upload<T>(url: string, form: FormData, told: (share: number) => void, cancelled?: AbortSignal): Promise<T> {
  const sent = send<T>(url, form, told, cancelled);
  addEventListener("beforeunload", stay);
  return sent.finally(() => removeEventListener("beforeunload", stay));
}

const stay = (event: BeforeUnloadEvent): void => event.preventDefault();

function send<T>(url: string, form: FormData, told: (share: number) => void, cancelled?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    cancelled?.addEventListener("abort", () => request.abort());
    request.onabort = () => reject(new Error("Cancelled. Nothing was brought in; your files are still chosen."));
    told(0);
    request.upload.onprogress = ({ loaded, total }) => told(total ? loaded / total : 0);
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(answer as T);
      else reject(new Error(sentence(request.status, answer)));
    };
    request.onerror = () => reject(new Error(BROKE));
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.send(form);
  });
}

function sentence(status: number, answer: Problem): string {
  const lines = Object.values(answer.errors ?? {}).flat();
  return lines.join(" ") || answer.detail || (status === 413 ? "This is larger than the site takes." : `The server refused (${status}).`);
}

function parsed(text: string): Problem {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return {};
  }
}
