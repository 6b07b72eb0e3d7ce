# 告警页。

alert-list = 告警列表
last-signal = 最近上报
branch-code = 门店编号
not-closed = 未关闭
what-is-wrong = 什么问题
acknowledge = 认领
acknowledge-mine = 认领，由我负责
note = 备注（可不填）
alerts-none = **没有未关闭的告警。**最近一次上报是 { $last }。
alerts-no-signal = 没有告警，但也没有任何门店上报过：没有消息不等于一切正常。
alerts-none-filtered = 没有符合筛选的告警。
alerts-no-branch = 没有编号为 { $code } 的门店。
not-taken = 没有生效
note-not-kept = 您的备注没有保存：
refused-changed = 别人先改动了这条告警，所以什么也没有做。
refused-note = 备注最多 { $max } 个字，而且只能是文字；什么也没有做。
refused-yours = 这条告警早已由您负责；另写的备注没有保存。
alerts-foot = 现状说的是问题还在不在，处理说的是有没有人管；恢复了的告警仍要有人关闭。时间为各门店当地时间。
