package rules

import (
	"encoding/json"
	"fmt"
	"slices"

	"sluice/internal/strictyaml"
)

const (
	riskRules     = 2       // distinct ones, for one rule alone is its own alert
	maxRiskAlerts = 8       // of one rule, the latest: the next would count less than a hundredth
	maxRisk       = 100     // of one rule; the scale of event.severity
	riskScoreMost = 100_000 // of an entity
)

var (
	// riskFields are what an alert of another rule brings: which rule, and its risk.
	riskFields  = []string{"rule.id", "event.risk_score"}
	riskFigures = []string{"score", "rules"}

	// riskShown are what the incident shows of the alerts beside what every alert shows.
	riskShown = []string{"rule.name", "threat.tactic.id", "threat.tactic.name", "threat.technique.id", "threat.technique.subtechnique.id"}
)

// ownRisk reads what an alert of the rule adds to the risk of whom it is about.
func (r *reader) ownRisk(out *Rule, sp *spec) {
	out.risk = float64(risk[out.Level])
	if sp.Risk == nil {
		return
	}
	x, ok := number(sp.Risk.Value)
	if !ok || x < 0 || x > maxRisk {
		r.fail(sp.Risk, "risk: a number from 0 to %d", maxRisk)
	}
	out.risk = x
}

// allRules makes a rule of kind risk look at the alerts of all rules over events, unless
// it names some.
func (sp *spec) allRules(doc *strictyaml.Node) {
	if sp.Rules == nil {
		sp.Rules = &strictyaml.Node{Kind: strictyaml.Scalar, Value: "*", Line: doc.Line, Column: doc.Column}
	}
}

func (r *reader) riskScore(doc *strictyaml.Node, out *Rule, sp *spec) {
	out.when = r.condition(doc, sp.When, "when")
	r.window(doc, sp)
	if sp.GroupBy == nil {
		r.fail(doc, "group_by is missing: whose risk it is, such as user.name")
	}
	score := 0.0
	if sp.Score != nil {
		score, _ = number(sp.Score.Value)
	}
	if score < 1 || score > riskScoreMost {
		r.failKey(doc, "score", "the sum of risk that is an incident, from 1 to %d", riskScoreMost)
	}
	out.bounds = limits{{"at_least", score}}
	if out.Count = sp.Count; out.Count == 0 {
		out.Count = riskRules
	}
	if out.Count < 1 || out.Count > 100 {
		r.failKey(doc, "count", "the least number of different rules, from 1 to 100")
	}
	out.value = riskFields[0] // what the incident lists
	for _, name := range riskFields {
		f, _ := r.set.schema.Lookup(name)
		out.pair = append(out.pair, column{f})
	}
	for _, name := range riskShown {
		if f, ok := r.set.schema.Lookup(name); ok {
			out.shown = append(out.shown, shownField{name, f})
		}
	}
	out.decides = fmt.Sprintf("%v", score)
}

// riskOf is the rule and the risk that a match's value says.
func riskOf(value string) (rule string, risk float64) {
	var both []string
	if json.Unmarshal([]byte(value), &both) != nil || len(both) != 2 {
		return "", 0
	}
	x, ok := number(both[1])
	if !ok {
		return "", 0
	}
	return both[0], min(max(x, 0), maxRisk)
}

// judgeRisk judges one instant: true where the risk of the alerts of (t-T, t] adds up to
// the score. The latest alert of a rule counts wholly, the one before half, and so on:
// a rule that is noisy counts no more than twice. What is kept is the latest alerts of
// each rule, which any later window holds that holds an older one.
func (k *keyState) judgeRisk(c *Correlator, t int64, group []entry) {
	k.expire(t)
	for i := range group {
		if rule, _ := riskOf(group[i].value); rule != "" { // sluice.matches may carry anything
			k.kept = append(k.kept, group[i])
		}
	}
	score, rules := k.risk()
	k.keepAtMost(c, "alerts")
	if rules < k.rule.Count || score < k.rule.bounds[0].X {
		return
	}
	behind := make([]*entry, len(k.kept))
	for i := range k.kept {
		behind[i] = &k.kept[i]
	}
	k.fire(c, t, behind, round(score, 100), float64(rules))
}

// risk is the sum, and of how many rules. It forgets what counts no more.
func (k *keyState) risk() (score float64, rules int) {
	type of struct {
		n     int
		newer int // the oldest that is kept
	}
	seen := map[string]*of{}
	use := make([]bool, len(k.kept))
	for i := len(k.kept) - 1; i >= 0; i-- {
		rule, x := riskOf(k.kept[i].value)
		o := seen[rule]
		if o == nil {
			o = &of{}
			seen[rule] = o
		}
		if o.n >= maxRiskAlerts {
			k.kept[o.newer].n += k.kept[i].n
			continue
		}
		score += x / float64(int(1)<<o.n)
		use[i] = true
		o.n, o.newer = o.n+1, i
	}
	if slices.Contains(use, false) {
		left := make([]entry, 0, len(k.kept))
		for i := range k.kept {
			if use[i] {
				left = append(left, k.kept[i])
			}
		}
		k.kept = left
	}
	return score, len(seen)
}

// tallyRisk lists the rules behind an incident.
func tallyRisk(ep *episode, e *entry) {
	if rule, _ := riskOf(e.value); rule != "" {
		ep.value(rule)
	}
}
