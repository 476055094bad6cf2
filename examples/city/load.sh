#!/usr/bin/env bash
# 把示例市载入正在运行的服务器：日历、名录、规程、台账，并为几个岗位签发令牌。可以反复运行，不会重复。
# Loads the example city into a running server: calendar, directory, procedures, ledger; issues tokens for a few posts.
# May be run again: nothing doubles.
#
# 用法 Usage: examples/city/load.sh 数据目录 DATA-DIR
# 服务器地址取自 DUBAN_SERVER，命令行取自 PATH 或 DUBAN。The server is DUBAN_SERVER; the command is `duban` or $DUBAN.
set -euo pipefail

data=${1:?用法 Usage: load.sh 数据目录 DATA-DIR}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
duban=${DUBAN:-duban}
tokens=$data/tokens
mkdir -p "$tokens"
chmod 700 "$tokens"

as() {  # 岗位 post, 命令 command…
  local post=$1
  shift
  "$duban" --token-file "$tokens/$post.token" "$@"
}

install -m 600 "$data/operator.token" "$tokens/operator.token"
as operator calendar publish "$root/examples/calendar/workdays.csv" --source "国务院办公厅历年节假日安排通知"
as operator directory apply "$root/examples/city/directory.yaml"
as operator procedure publish --if-changed "$root"/procedures/{common,rectification,task,lookback,talk,accountability,metrics,reports}.yaml

# 督查室、两位联络员、一个县：足够走完一件事。Enough posts to walk one matter to its end.
for post in ducha-zhuren duchayi-kezhang duchaer-kezhang xitong-guanli shuiwu-duban shuiwu-juzhang \
  yingji-duban chengdong-shuiwu-duban binhe-duban; do
  as operator token "persons/$post" --days 365 --out "$tokens/$post.token"
done

as duchayi-kezhang import "$root/examples/city/ledger.csv" --map "$root/examples/city/ledger.map.yaml"

# 两件已签收，台账一打开就有在计时、有逾期。Two are acknowledged, so that clocks run and one is overdue at first sight.
if [ ! -e "$data/loaded" ]; then
  as yingji-duban act 交办〔2026〕应急1号 acknowledge --key load-1
  as chengdong-shuiwu-duban act 交办〔2026〕城东水务1号 acknowledge --key load-2
  touch "$data/loaded"
fi
