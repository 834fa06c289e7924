/* What the page does not need to be read: a filter for the board, and numbers under
   the pointer. Written without the characters that XML keeps for itself. */
"use strict";
(function () {
	var board = document.getElementById("board");
	var picked = { only: "all", vendor: "all" };

	function apply() {
		board.querySelectorAll("tbody tr").forEach(function (row) {
			var odd = false;

			row.querySelectorAll("td[data-v]").forEach(function (cell) {
				if (cell.querySelector(".o:not(.pass)"))
					odd = true;
			});
			row.classList.toggle("away", picked.only === "odd" ? !odd : false);
		});
		board.querySelectorAll("[data-v]").forEach(function (cell) {
			cell.hidden = picked.vendor === "all" ? false :
				cell.getAttribute("data-v") !== picked.vendor;
		});
	}

	function chips(key, list) {
		var box = document.createElement("div");

		box.className = "chips";
		list.forEach(function (item) {
			var chip = document.createElement("button");

			chip.type = "button";
			chip.textContent = item[1];
			chip.setAttribute("aria-pressed", String(item[0] === "all"));
			chip.addEventListener("click", function () {
				picked[key] = item[0];
				box.querySelectorAll("button").forEach(function (other) {
					other.setAttribute("aria-pressed",
							   String(other === chip));
				});
				apply();
			});
			box.appendChild(chip);
		});
		board.parentNode.parentNode.insertBefore(box, board.parentNode);
	}

	function start_chips() {
		var vendors = [["all", "every vendor"]];

		["AMD-V", "VT-x"].forEach(function (name) {
			if (board.querySelector("td[data-v='" + name + "']"))
				vendors.push([name, name]);
		});
		if (vendors.length > 2)
			chips("vendor", vendors);
		if (board.querySelector("td[data-v] .o:not(.pass)"))
			chips("only", [["all", "every guest"],
				       ["odd", "where something did not pass"]]);
	}

	var tip = document.createElement("div");

	/* The cells of the phase's row that belong to the lane. */
	function words(table, phase, lane) {
		var row = table.tBodies[0].rows[phase];
		var name = table.tHead.rows[0].cells[2 + lane];
		var cell;

		if (!row)
			return "";
		if (!name)
			return "";
		cell = row.cells;
		return name.innerText.replace(/\s+/g, " ") + "\n" +
			cell[1].textContent + ", " + cell[2 + 4 * lane].textContent +
			"\nguest " + cell[3 + 4 * lane].textContent +
			"\nexits " + cell[4 + 4 * lane].textContent +
			"\nhypervisor " + cell[5 + 4 * lane].textContent;
	}

	function hover(svg) {
		var frame = svg.querySelector("g[data-table]");
		var set = frame.dataset;
		var table = document.getElementById(set.table);

		svg.addEventListener("pointermove", function (event) {
			var to = frame.getScreenCTM().inverse();
			var at = new DOMPoint(event.clientX, event.clientY)
				.matrixTransform(to);
			var phase = Math.floor((at.x - set.left) / set.step);
			var lane = Math.floor((at.y - set.top) / set.lane);
			var text = phase >= 0 ? lane >= 0 ? words(table, phase, lane) :
				"" : "";

			tip.textContent = text;
			tip.hidden = !text;
			tip.style.left = Math.max(4, Math.min(event.clientX + 14,
				window.innerWidth - tip.offsetWidth - 8)) + "px";
			tip.style.top = (event.clientY + 16 + tip.offsetHeight >
				window.innerHeight ? event.clientY - tip.offsetHeight - 10 :
				event.clientY + 16) + "px";
		});
		svg.addEventListener("pointerleave", function () {
			tip.hidden = true;
		});
	}

	start_chips();
	tip.id = "tip";
	tip.hidden = true;
	document.body.appendChild(tip);
	document.querySelectorAll("svg.order").forEach(hover);
}());
