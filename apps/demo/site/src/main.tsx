import "uplot/dist/uPlot.min.css";
import "./style/tokens.css";
import "./style/base.css";
import "./style/layout.css";
import "./style/lanes.css";
import "./style/faults.css";
import "./style/phones.css";
import "./style/bytes.css";
import "./style/runs.css";
import { render } from "preact";
import { App } from "./app.js";
import { connect } from "./state/server.js";

render(<App />, document.getElementById("app")!);
connect();
