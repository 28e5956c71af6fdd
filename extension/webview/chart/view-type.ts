/** View type of the chart's panel; also names its serializer and its activation event. */
export const chartViewType = "igla.chart";
