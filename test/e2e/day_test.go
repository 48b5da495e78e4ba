package e2e

import (
	"slices"
	"strings"
	"testing"

	"sluice/internal/simulate"
	"sluice/normalize"
	"sluice/pipeline"
	detection "sluice/rules"
)

// told is what rules say of an ordinary day all the same, by the words of theirs that tell so.
var told = map[string]string{
	"authentication/failed_burst":           "behind which many people log in",
	"authentication/password_spraying":      "The own office in the morning",
	"authentication/success_after_failures": "as Windows does with a share",
	"cloud/aws_console_guessing":            "An office behind one address",
	"cloud/aws_secrets_swept":               "tools that copy secrets to a cluster",
	"cloud/azure_keys_listed":               "Tools that mount storage by key",
	"cloud/azure_recovery_destroyed":        "keeps the newest snapshots only",
	"cloud/azure_role_assigned":             "Administrators at work",
	"cloud/azure_run_command":               "a policy of the subscription",
	"cloud/gcp_owner_granted":               "Setting up a project",
	"database/command_by_query":             "Jobs that load data by a program",
	"dns/rare_types":                        "Mail servers ask TXT",
	"dns/reverse_walk":                      "monitoring that resolve addresses",
	"firewall/outbound_denied":              "blocked on purpose",
	"hypervisor/esxi_machines_stopped":      "virtual desktops",
	"identity/entra_app_credentials":        "Renewal of secrets",
	"identity/entra_consent":                "New software",
	"identity/entra_device_code":            "devices of meeting rooms",
	"identity/github_branch_protection":     "Repairs in a hurry",
	"identity/github_deploy_key":            "Setting up a pipeline",
	"identity/github_mass_clone":            "Mirrors and backups",
	"identity/google_mail_scope":            "Mail programs",
	"identity/impossible_travel":            "a mobile network whose exit lies in another country",
	"identity/m365_hiding_rule":             "Rules against newsletters",
	"identity/m365_mailbox_rights":          "shared mailboxes",
	"identity/m365_mass_deletion":           "Moving folders",
	"identity/okta_apps_swept":              "Browsers that restore tabs",
	"identity/okta_factor_reset":            "A lost phone",
	"identity/okta_session_moved":           "A browser that is updated",
	"kubernetes/pod_exec":                   "Debugging",
	"kubernetes/secrets_listed":             "secret operators",
	"linux/admin_group_member":              "New administrators",
	"linux/logs_cleared":                    "make room on a full disk",
	"linux/promiscuous":                     "tcpdump by administrators",
	"linux/ssh_probing":                     "Monitoring that checks the port",
	"linux/ssh_user_names":                  "Scanners that you run yourself",
	"linux/sudo_edits_persistence":          "Administration by hand",
	"linux/user_made_then_used":             "On-boarding",
	"mail/refused_often":                    "A list with old addresses",
	"mail/slow_guessing":                    "with an old password",
	"network/rogue_bpdu":                    "A small switch under a desk",
	"network/voip_refused":                  "A telephone with an old password",
	"risk/risky_user":                       "Administrators on a day of many changes",
	"web/admin_probing":                     "Scanners that you run yourself",
	"web/command_injection":                 "Titles and searches",
	"web/cross_site_scripting":              "Scanners that you run yourself",
	"web/injection":                         "scanners that you run yourself",
	"web/repeated_404":                      "Scanners that you run yourself",
	"web/scanner_agent":                     "Scanners that you run yourself",
	"web/sensitive_files":                   "An audit of your own",
	"windows/certificate_of_another":        "Certificates of web servers",
	"windows/recovery_removed":              "Backup programs that make room",
	"windows/remote_control_installed":      "your own help desk",
}

// TestOrdinaryDay: what rules raise on a day on which nothing is wrong, they tell among
// their false positives; docs/coverage.md has the numbers.
func TestOrdinaryDay(t *testing.T) {
	set, err := pipeline.Build(pipeline.Sources{Packs: normalize.Shipped(), Rules: detection.Library()})
	if err != nil {
		t.Fatal(err)
	}
	raisedBy := map[string]bool{}
	for seed := range uint64(3) {
		for source, lines := range simulate.Day(seed + 1) {
			for _, a := range raised(t, set, lines) {
				name := tells(t, string(a.Rule))
				if told[name] == "" {
					t.Errorf("seed %d, %s: %s raises %s %s", seed+1, source, name, a.Title, a.Key)
				}
				raisedBy[name] = true
			}
		}
	}
	for name := range told {
		if !raisedBy[name] {
			t.Errorf("%s raises nothing: it has no place among those that do", name)
		}
	}
}

// tells is the name of a rule, whose text tells what told has of it.
func tells(t *testing.T, id string) string {
	library := detection.Library()
	i := slices.IndexFunc(library, func(f detection.File) bool { return strings.Contains(string(f.Text), "id: "+id+"\n") })
	if i < 0 {
		t.Fatalf("no shipped rule has the id %s", id)
	}
	name := strings.TrimSuffix(strings.TrimPrefix(library[i].Name, "rules/library/"), ".yml")
	_, after, _ := strings.Cut(string(library[i].Text), "falsepositives:")
	before, _, _ := strings.Cut(after, "kind:")
	if !strings.Contains(before, told[name]) {
		t.Errorf("%s does not tell %q among its false positives", name, told[name])
	}
	return name
}
