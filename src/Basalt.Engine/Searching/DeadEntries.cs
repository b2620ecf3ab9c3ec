using Basalt.Engine.Indexes;
using Basalt.Vectors;

namespace Basalt.Engine.Searching;

/// <summary>Which entries of the tables of a view do not count, as something newer has their keys: found out when it is first asked for. What has expired and was not merged away is not among them. One thread.</summary>
internal sealed class DeadEntries(SearchView view, Overlaps overlaps)
{
    private OrdinalSet?[]? _dead;

    /// <summary>The entries of a part that do not count; null where all do that are no tombstones.</summary>
    public OrdinalSet? Of(int part) => (_dead ??= Find())[part];

    private OrdinalSet?[] Find()
    {
        var dead = new OrdinalSet?[view.Tables.Count];
        if (view.HasNoDead) return dead;
        for (var part = 0; part < dead.Length; part++)
        {
            dead[part] = view.Gone(part);
            for (var newer = 0; newer < part; newer++)
            {
                var ordinals = overlaps.Of(view.Tables[part], view.Tables[newer], view.CancellationToken);
                if (ordinals.Length > 0) SetOf(dead, part).Add(ordinals);
            }
        }

        view.VisitNewerKeys(key =>
        {
            for (var part = 0; part < dead.Length; part++)
                if (view.Tables[part].Contains(key, out var ordinal) && ordinal >= 0) SetOf(dead, part).Add((int)ordinal);
        });
        return dead;
    }

    private OrdinalSet SetOf(OrdinalSet?[] dead, int part) => dead[part] ??= new OrdinalSet(checked((int)view.Tables[part].Entries));
}
