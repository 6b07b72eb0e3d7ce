# 每条问题的一句话，带一个数。

sentence-gap = { $cameras }/{ $of } 路有缺口，最差 { $covered }，共缺 { $missing }
sentence-retention = { $cameras }/{ $of } 路连续留存不足，最短 { $days } 天 < { $required } 天
sentence-silent = 代理 { $for }未上报，{ $cameras } 路未知
sentence-drift = { $file } 被改 { $changes } 项，无变更授权
sentence-file-missing = { $file } 不在了
sentence-volume-absent = 存储卷 { $volume } 未挂载，{ $cameras } 路未知
sentence-volume-full = 存储卷 { $volume } 只剩 { $free }
sentence-fault = { $camera } 有 { $segments } 段录像放不出来
sentence-clock = 门店时钟偏差 { $offset }
sentence-clone = 两个代理用同一把密钥上报，后来者已隔离
sentence-broken = 控制项 { $control } 判定出错
