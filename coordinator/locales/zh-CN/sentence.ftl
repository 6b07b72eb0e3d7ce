# 每条问题的一句话，带一个数。

sentence-gap = { $cameras }/{ $of } 路有缺口，最差 { $covered }，共缺 { $missing }
sentence-camera-gap = { $camera } 自 { $start } 起缺录 { $missing }
sentence-camera-gap-ongoing = { $camera } 自 { $start } 起没有录像，至今已缺 { $missing }
sentence-camera-gap-day = { $camera } 在 { $day } 有 { $gaps } 段缺口，共 { $missing }
sentence-camera-retention = { $camera } 连续留存 { $days } 天 < { $required } 天
sentence-camera-retention-broken = { $camera } 最早录像 { $oldest } 天前，连续留存只有 { $days } 天 < { $required } 天
sentence-vanished = { $camera } 自 { $start } 起有 { $gone }录像被提前删除
sentence-agent-silent = { $host } 上的代理 { $for }未上报
sentence-volume-missing = 存储卷 { $volume } 未挂载
sentence-volume-swapped = 存储卷 { $volume } 的位置挂了另一个卷
sentence-volume-read-only = 存储卷 { $volume } 只读，无法录像
sentence-volume-unreadable = 存储卷 { $volume } 读不到
sentence-retention = { $cameras }/{ $of } 路连续留存不足，最短 { $days } 天 < { $required } 天
sentence-silent = 代理 { $for }未上报，{ $cameras } 路未知
sentence-drift = { $file } 被改 { $changes } 项，无变更授权
sentence-file-missing = { $file } 不在了
sentence-volume-absent = 存储卷 { $volume } 未挂载，{ $cameras } 路未知
sentence-volume-full = 存储卷 { $volume } 只剩 { $free }
sentence-fault-empty = { $camera } { $start } 的录像段是空文件
sentence-fault-truncated = { $camera } { $start } 的录像段不完整
sentence-fault-corrupt = { $camera } { $start } 的录像段已损坏
sentence-fault-clock = { $camera } { $start } 的录像段时间不对
sentence-fault = { $camera } 有 { $segments } 段录像放不出来
sentence-clock = 门店时钟偏差 { $offset }
sentence-clone = 两个代理用同一把密钥上报，后来者已隔离
sentence-broken = 控制项 { $control } 判定出错
