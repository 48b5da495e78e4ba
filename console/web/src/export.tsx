import { type Params, queryString } from "./api";
import { Popover } from "./popover";

const most = 100_000; // rows in one file; the server's bound

/**
 * The button Export, and behind it the files that the server makes of what is shown. The links are no
 * downloads to the browser: the server says which answer is one, and a refusal is shown.
 */
export function Export({ path, params, columns, total, what }: { path: string; params: Params; columns?: string; total: number; what: string }) {
  return (
    <Popover label="Export" class="export" small button="Export">
      {(close) => (
        <>
          <a class="button" href={path + queryString({ ...params, format: "csv", columns })} onClick={close}>
            CSV
          </a>
          <span>{columns ? "the columns of the table" : "a row each"}</span>
          <a class="button" href={path + queryString({ ...params, format: "csv", columns, bom: "true" })} onClick={close}>
            CSV for Excel
          </a>
          <span>the same, marked as UTF-8</span>
          <a class="button" href={path + queryString({ ...params, format: "ndjson" })} onClick={close}>
            NDJSON
          </a>
          <span>{what} whole, one a line</span>
          <small>
            {total > most
              ? `The first ${most.toLocaleString("en")} of ${total.toLocaleString("en")}, in the order of the list; the file's last line says so. Narrow the search for the rest.`
              : `All ${total.toLocaleString("en")} ${what} of this search, in the order of the list.`}
          </small>
        </>
      )}
    </Popover>
  );
}
