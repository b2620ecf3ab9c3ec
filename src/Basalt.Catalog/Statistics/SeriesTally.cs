namespace Basalt.Catalog.Statistics;

/// <summary>What the times of a series are like.</summary>
[Flags]
public enum SeriesFlaws
{
    /// <summary>They ascend.</summary>
    None = 0,

    /// <summary>A time stands behind a later one: within a file, or files overlap.</summary>
    Unordered = 1,

    /// <summary>A time stands behind the same one.</summary>
    Repeated = 2,
}

/// <summary>Counts the rows of a series, in their order. Tallies of parts merge to what one tally of all rows is, when the parts follow each other in time.</summary>
internal struct SeriesTally
{
    /// <summary>A step that is none: two times in a row are further apart than two others.</summary>
    public const long Irregular = -1;

    public SeriesTally()
    {
    }

    public long Rows;

    /// <summary>How many of the rows have a time.</summary>
    public long Timed;

    /// <summary>The least time in ticks of UTC; meaningless without one.</summary>
    public long First = long.MaxValue;

    /// <summary>The greatest time.</summary>
    public long Last = long.MinValue;

    /// <summary>The distance of each time to the next, when it is the same for all; 0 for less than two times.</summary>
    public long Step;

    public SeriesFlaws Flaws;

    /// <summary>A row without a time.</summary>
    public void See() => Rows++;

    /// <summary>A row and its time.</summary>
    public void See(long ticks)
    {
        Rows++;
        Follow(ticks, ticks, 0, 1);
    }

    /// <summary>The rows of a part that stands behind this one.</summary>
    public void Append(in SeriesTally part)
    {
        Rows += part.Rows;
        Flaws |= part.Flaws;
        if (part.Timed > 0) Follow(part.First, part.Last, part.Step, part.Timed);
    }

    private void Follow(long first, long last, long step, long timed)
    {
        if (Timed == 0)
        {
            (First, Last, Step, Timed) = (first, last, step, timed);
            return;
        }

        // Whether they follow each other is asked of the greatest time so far, which is the time before while they ascend.
        var distance = first - Last;
        if (distance < 0) Flaws |= SeriesFlaws.Unordered;
        if (distance == 0) Flaws |= SeriesFlaws.Repeated;
        if (Flaws != SeriesFlaws.None || (Step != 0 && Step != distance) || (step != 0 && step != distance)) Step = Irregular;
        else Step = distance;
        Timed += timed;
        First = Math.Min(First, first);
        Last = Math.Max(Last, last);
    }
}
