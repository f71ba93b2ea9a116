/** localStorage may be full or forbidden: then there is one safety less, and the page goes on. */
export function store(place: string, text: string): boolean {
  try {
    localStorage.setItem(place, text);
    return true;
  } catch {
    return false;
  }
}
