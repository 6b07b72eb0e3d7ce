# 合规总览与门店列表。

fleet-lead = { $total } 家门店中 **{ $pass } 家合规**，[{ $fail } 家不合规](fail)，[{ $partial } 家部分合规](partial)，[{ $unknown } 家未知](unknown)。
tiles = 五项指标
tile-reporting = 正在上报
tile-reporting-explained = 24 小时内有代理上报、按策略不算未上报的门店
tile-recorded = 录像完整
tile-recorded-explained = 昨日覆盖达标、没有要报的缺口的通道
tile-retained = 留存满期
tile-retained-explained = 连续留存满 { $days } 天的通道；{ $new } 路新装未满期
tile-drift-free = 配置无漂移
tile-drift-free-explained = 无未授权变更的门店
tile-alerts = 未关闭告警
tile-alerts-explained = 没有人关闭的告警，不论是否已恢复
of-branches = { $n } 家
of-cameras = { $n } 路
of-alerts = { $n ->
       *[other] 条
    }
unclaimed = { $n } 条无人认领
change-7d = 7 天 { $change }
change-7d-none = 尚无可比
regions-explained = 最差在前；一家门店取其最差判定；右四列为达标占比
worst-branches = 最需要处理的门店
all-branches = 全部 { $n } 家门店
fleet-foot = 不计入：停业 { $closed } 家。百分数向下取整，全部达标才写 100%。未知从不计为合规。
first-branch = 接入第一家门店
first-branch-token = 在协调器所在的机器上为门店开一个一次性接入码，它只显示这一次：
first-branch-join = 在门店装好代理，运行下面的命令，提示时粘贴接入码：
first-branch-wait = 一分钟内，门店会出现在这里。在此之前一切都是未知。
branches-none = 没有符合筛选的门店。
branches-foot = 最差在前。一家门店取其最差判定；未知从不计为合规。
