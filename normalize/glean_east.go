package normalize

import "strings"

// eastWord is a word of Chinese or Japanese that stands among others without a space.
type eastWord struct {
	text string
	deed deed
	hint hint
}

// eastWords are what devices of the Far East say was done, as the vocabularies of English have it.
var eastWords = [...]eastWord{
	{"登录", isLogin, saysLogin},
	{"登陆", isLogin, saysLogin},
	{"登入", isLogin, saysLogin},
	{"认证", isLogin, saysLogin},
	{"認証", isLogin, saysLogin},
	{"ログイン", isLogin, saysLogin},
	{"ログオン", isLogin, saysLogin},
	{"登出", isLogout, 0},
	{"注销", isLogout, 0},
	{"退出", isLogout, 0},
	{"ログアウト", isLogout, 0},
	{"ログオフ", isLogout, 0},
	{"失败", isFailed, saysFailed},
	{"失敗", isFailed, saysFailed},
	{"成功", isFine, saysFine},
	{"拒绝", isDenied, saysDenied},
	{"阻断", isDenied, saysDenied},
	{"拦截", isDenied, saysDenied},
	{"丢弃", isDenied, saysDenied},
	{"阻止", isDenied, saysDenied},
	{"拒否", isDenied, saysDenied},
	{"遮断", isDenied, saysDenied},
	{"破棄", isDenied, saysDenied},
	{"允许", isAllowed, saysAllowed},
	{"放行", isAllowed, saysAllowed},
	{"許可", isAllowed, saysAllowed},
	{"删除", isDeletion, 0},
	{"削除", isDeletion, 0},
	{"新增", isCreation, 0},
	{"创建", isCreation, 0},
	{"添加", isCreation, 0},
	{"作成", isCreation, 0},
	{"追加", isCreation, 0},
	{"修改", isChange, saysChange},
	{"变更", isChange, saysChange},
	{"変更", isChange, saysChange},
	{"更新", isChange, saysChange},
	{"用户", isAccount, 0},
	{"账号", isAccount, 0},
	{"密码", isAccount, saysSecret},
	{"ユーザ", isAccount, 0},
	{"パスワード", isAccount, saysSecret},
	{"配置", isSetting, 0},
	{"策略", isSetting, 0},
	{"設定", isSetting, 0},
	{"文件", isFile, 0},
	{"ファイル", isFile, 0},
	{"病毒", isMalware, 0},
	{"木马", isMalware, 0},
	{"ウイルス", isMalware, 0},
}

// eastern says whether a text has a sign of Chinese or Japanese in it, or one of their marks.
func eastern(text string) bool {
	for i := range len(text) {
		if c := text[i]; c >= 0xe3 && c <= 0xef {
			return true
		}
	}
	return false
}

// eastSays is what the words of such a text tell, be it an action's name or prose.
func eastSays(text string) (did deed, said hint) {
	for _, w := range eastWords {
		if strings.Contains(text, w.text) {
			did, said = did|w.deed, said|w.hint
		}
	}
	return did, said
}

// plainMarks writes the wide marks of a text as those of ASCII, with a space behind what ends a part.
var plainMarks = strings.NewReplacer("：", ":", "，", ", ", "；", "; ", "、", ", ", "。", ". ", "（", " (", "）", ") ", "＝", "=", "「", " '", "」", "' ", "【", " [", "】", "] ", "\u3000", " ")
