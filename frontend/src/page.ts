/** What every page may hold: forms to the API, long work, a dataset's parts. */
import "./page.css";
import "./api-form";
import "./campaign-outlook";
import "./dataset-facts";
import "./dataset-upload";
import "./email-digest";
import "./export-list";
import "./job-progress";
import "./label-changes";
import "./label-table";
import "./own-messages";
import "./own-model";
import "./period-file";
import "./team-list";
import "./webhook-list";
