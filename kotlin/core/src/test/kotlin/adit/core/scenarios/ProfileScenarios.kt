package adit.core.scenarios

import adit.core.AditException
import adit.core.MadeProfile
import adit.core.build
import adit.core.convert
import adit.core.diff
import adit.core.evaluateOnDemand
import adit.core.explain
import adit.core.fix
import adit.core.perAppLists
import adit.core.planSummary
import adit.core.routingPlan
import adit.core.show
import adit.core.text
import adit.core.validate
import adit.core.version
import org.junit.jupiter.api.Assertions.assertEquals

/** The scenarios of the functions on profiles. */
internal object ProfileScenarios {
    fun run(scenario: Map<String, Any?>) {
        val found = try {
            operation(scenario)
        } catch (error: AditException.Usage) {
            mapOf("error" to (error as AditException).text)
        }
        assertEquals(scenario.getValue("expect"), found, scenario["about"].text())
    }

    private fun operation(scenario: Map<String, Any?>): Map<String, Any?> {
        val options = when (val given = scenario["options"]) {
            null -> ""
            is String -> given
            else -> Json.write(given)
        }
        val input by lazy { bytesOf(scenario.getValue("input").members()) }
        return when (val name = scenario.getValue("operation").text()) {
            "validate" -> report(validate(input, options))
            "explain" -> report(explain(input, options))
            "show" -> report(show(input, options))
            "plan_summary" -> report(planSummary(input, options))
            "convert" -> report(convert(input, options))
            "evaluate_on_demand" -> report(evaluateOnDemand(input, options))
            "diff" -> report(diff(input, bytesOf(scenario.getValue("after").members()), options))
            "build" -> made(build(Json.write(scenario.getValue("spec")), options))
            "fix" -> made(fix(input, options))
            "routing_plan" -> report(routingPlan(options))
            "per_app_lists" -> report(perAppLists(options))
            "version" -> mapOf("report" to version().split('.').size.toLong())
            else -> error("there is no operation $name")
        }
    }

    private fun report(json: String): Map<String, Any?> = mapOf("report" to Json.read(json))

    private fun made(made: MadeProfile): Map<String, Any?> = report(made.report) + ("file" to fileForm(made.file))
}
