#include "report/tuning_curves.h"

#include <algorithm>

#include "kernels/family_revision.h"

namespace halcyon {

TuningCurves tuning_curves(const std::vector<TrialRecord>& records, const std::string& target, const std::string& cpu,
                           const std::map<std::string, std::int64_t>& runs) {
    std::vector<const TrialRecord*> ours;
    std::map<std::string, std::size_t> of_cpu;
    for (const TrialRecord& record : records) {
        if (record.target != target || !runs.contains(record.task)) continue;
        ours.push_back(&record);
        ++of_cpu[record.cpu];
    }
    TuningCurves curves;
    if (ours.empty()) return curves;
    curves.cpu = cpu;
    if (!of_cpu.contains(cpu))
        curves.cpu = std::max_element(of_cpu.begin(), of_cpu.end(), [](const auto& a, const auto& b) {
                         return a.second < b.second;
                     })->first;

    std::vector<const TrialRecord*> shown;
    for (const TrialRecord* record : ours) {
        if (record->cpu != curves.cpu) continue;
        const bool is_of_now = record->revision == family_revision(record->family);
        if (is_of_now)
            shown.push_back(record);
        else
            ++curves.outdated;
    }
    // Merged records are in any order.
    std::stable_sort(shown.begin(), shown.end(),
                     [](const TrialRecord* a, const TrialRecord* b) { return a->when < b->when; });
    std::map<std::string, double> best;
    for (const TrialRecord* record : shown) {
        const bool ok = record->status == TrialStatus::ok;
        const double seconds = ok ? record->nanoseconds * 1e-9 : 0.0;
        curves.tasks[record->task].push_back({seconds, record->noise, record->status, record->candidate});
        if (ok) best.try_emplace(record->task, seconds);  // the first time, until the task's turn has come
    }
    for (const TrialRecord* record : shown) {
        if (record->status == TrialStatus::ok) {
            double& seconds = best.at(record->task);
            seconds = std::min(seconds, record->nanoseconds * 1e-9);
        }
        double sum = 0.0;
        for (const auto& [task, seconds] : best) sum += seconds * static_cast<double>(runs.at(task));
        if (!best.empty()) curves.network.push_back(sum);
    }
    return curves;
}

}  // namespace halcyon
